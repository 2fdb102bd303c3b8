export { openFaceAlbum } from './face-album.ts';
export type { AlbumFace, AlbumOptions, FaceAlbum, FaceAlbumEvents, FaceGroup, ProtectedFeature, RegroupOptions } from './face-album.ts';
export type { AddReport, AlbumPicture, AlbumProgress, AlbumWorkOptions } from './album-work.ts';
