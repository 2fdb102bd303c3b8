export { openFaceAlbum } from './recognition/face-album.ts';
export type { AlbumFace, AlbumOptions, FaceAlbum, FaceAlbumEvents, FaceGroup, ProtectedFeature, RegroupOptions } from './recognition/face-album.ts';
export type { AddReport, AlbumPicture, AlbumProgress, AlbumWorkOptions } from './recognition/album-work.ts';
