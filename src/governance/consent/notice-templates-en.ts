import type { TemplateFill, TemplateTexts } from './notice-template-texts.ts';
import type { Scene } from './scenes.ts';

const starts: Readonly<Record<Scene, (service: string) => string>> = {
  upload: () => 'It starts only after you press record or choose a video file, and stops when you finish or cancel.',
  call: () => 'It starts only after you make or answer a call, and stops when the call ends.',
  processing: () => 'It starts only after you open the editing function and choose a video, and stops when you leave the function.',
  service: (service) => `It starts only when ${service} begins and the page shows that the camera is on, and stops when ${service} ends.`,
};

const liveView: Readonly<Record<Scene, (service: string) => string>> = {
  upload: (service) => `When you record or upload a video with ${service}, we cover the faces of everyone in the picture before you preview or show it.`,
  call: (service) => `When you make a video call with ${service}, we cover the faces of everyone in the picture as it happens and send the covered picture to the other people in the call.`,
  processing: (service) => `When you cut, combine or take something out of a video with ${service}, we cover the faces of everyone in the picture before we work on it.`,
  service: (service) => `To provide ${service}, we cover the faces of everyone in the picture as it happens and show the covered picture.`,
};

const recording: Readonly<Record<Scene, (service: string) => string>> = {
  upload: (service) => `We keep the video that you record or upload with ${service}, so that you can watch, manage and show it.`,
  call: (service) => `We record the picture of your call with ${service}, so that you can watch it again. Everyone in the call sees that it is being recorded.`,
  processing: (service) => `We keep the video that you made with ${service}, so that you can go on editing or download it.`,
  service: (service) => `We keep a video of ${service}, to check what happened and to settle complaints and disputes.`,
};

const sensitive =
  'This cannot be done without facial features. They are sensitive personal information: they cannot be changed once leaked, and misuse could harm your dignity, your safety or your property. We ask for this separately; if you say no, everything else still works.';
const originals = ({ sealsOriginals }: TemplateFill): string =>
  sealsOriginals
    ? 'Apart from what you separately agree to have sealed, uncovered pictures never leave this device and are not kept.'
    : 'Uncovered pictures never leave this device and are not kept.';

/** The templates in English. */
export const ENGLISH: TemplateTexts = {
  purpose: {
    'live-redacted-view': (fill) => ({
      title: 'Show the picture with faces covered',
      description: liveView[fill.scene](fill.service),
      method: `The picture is processed frame by frame in the browser on this device: faces are found and covered before anything is shown. ${originals(fill)} Faces that are very small, turned away or partly hidden may be missed; when in doubt, the whole picture is covered. ${starts[fill.scene](fill.service)} The page shows all the while that the camera is on.`,
      scope: `The picture of the camera or of the file that you choose, including other people in it. ${fill.keepsSound ? 'No sound is processed for this' : 'No sound is processed'}, and nobody is identified.`,
      dataCategories: ['The picture with faces covered', 'Where faces are in the picture; used for covering only and thrown away at once'],
    }),
    'staff-review': ({ service }) => ({
      title: 'Let staff look at the video with faces covered',
      description: `When we deal with a question, complaint, dispute or safety incident about ${service}, authorised staff look at the video to find out what happened.`,
      method:
        'Staff see the video with faces covered. Access depends on their role and on a case that needs it, and every viewing is recorded. If a case cannot be settled with faces covered, a further approval is needed, for the people concerned and for the time necessary only.',
      scope: 'The parts of the video that concern the case.',
      dataCategories: ['The video with faces covered', 'Records of who viewed it'],
    }),
    'redacted-recording': (fill) => ({
      title: 'Keep the video with faces covered',
      description: recording[fill.scene](fill.service),
      method: `Only the video with faces covered is kept${fill.keepsSound ? ', without sound unless you separately agree to keep it' : ''}. ${originals(fill)} ${starts[fill.scene](fill.service)}`,
      scope: 'The picture from when you start recording until you stop.',
      dataCategories: ['The video with faces covered', 'The time of recording'],
    }),
    'sound-recording': ({ service }) => ({
      title: 'Keep the sound of the video',
      description: `We keep the sound of the video that we keep of ${service}, for the same uses as the video. A voice can tell who is speaking, and what is said may be private. The sound is kept as it is: the voice is not changed. We ask for this separately; if you say no, the video is kept without sound and everything else still works.`,
      method: 'Sound is recorded only while a video is, and only if you have agreed to it. It is kept encrypted with the video, under a key of its own. No features are extracted from the voice, and nobody is identified by it. When you take your yes back, sound stops being recorded at once and what was kept of it is erased; the video stays.',
      scope: 'What the microphone or the file that you choose contains in the time of the video, including the voices of other people nearby.',
      dataCategories: ['The sound of the video, voices included'],
    }),
    'feature-extraction': () => ({
      title: 'Extract the features of your face',
      description: `We turn the picture of your own face into a set of numbers, your facial features, for the comparison or grouping that you agree to as well. ${sensitive}`,
      method: 'This happens on this device, for the face that you point out as your own; nobody else in the picture is included. The features are kept in a protected form. No picture of your face is kept.',
      scope: 'The picture of the face that you point out, while features are extracted.',
      dataCategories: ['Protected facial features (biometric information)'],
    }),
    comparison: ({ service }) => ({
      title: 'Compare facial features',
      description: `When you use ${service}, we compare the features of your face with those that you registered before, to tell whether they are of the same person. ${sensitive}`,
      method: 'The comparison happens on this device. Its result is whether it is the same person, and how alike the two are. Nobody else in the picture is compared.',
      scope: 'Your own facial features and those that you registered.',
      dataCategories: ['Protected facial features (biometric information)', 'The result of the comparison'],
    }),
    'album-grouping': () => ({
      title: 'Sort your album by people',
      description: `We sort the photos and videos that you choose into groups of similar faces, so that you find them more easily. ${sensitive}`,
      method:
        'This is computed on this device. Groups have random numbers that are not linked to names or accounts, and nobody in a photo is identified. Nothing is computed once you stop, and you can erase the groups at any time.',
      scope: 'The photos and videos that you choose.',
      dataCategories: ['Protected facial features (biometric information)', 'Place, angle and group number of each face'],
    }),
    'sealed-originals': () => ({
      title: 'Keep the original faces under an encrypted seal',
      description:
        'We seal the covered parts of the video by encryption. They are opened only when the law demands it, to settle a serious dispute, or when you ask. The original picture of a face is sensitive personal information; a leak could harm your dignity, your safety or your property. We ask for this separately; if you say no, everything else still works.',
      method: 'The key cannot be exported, and what is sealed is kept apart from the covered video. Opening a seal needs a request, a reason and an approval, and is recorded. At the end of the period both content and key are erased.',
      scope: 'The parts of the video in which faces are covered.',
      dataCategories: ['Sealed pictures of faces (sensitive personal information)', 'Records of who opened a seal'],
    }),
    sharing: ({ keepsSound }) => ({
      title: 'Give the video with faces covered to others',
      description: 'We give the video with faces covered to recipients of the types named in this notice, for the purposes named in it.',
      method:
        `Before each time we tell you who receives it, how to reach them, what for, how they will use it and what it contains. Only the video with faces covered is given, together with a receipt that names purpose and type of recipient.${keepsSound ? ' Its sound is taken out, unless you have separately agreed to keep it and we told you that it goes along.' : ''}`,
      scope: 'The videos that you confirm.',
      dataCategories: ['The video with faces covered'],
    }),
  },
  retention: (days) =>
    days === 0
      ? 'Not kept. The picture is gone from memory as soon as it has been processed.'
      : `Kept for ${days} ${days === 1 ? 'day' : 'days'} and then erased; earlier if the purpose is met or you withdraw. While a dispute about it is open, it is kept until that is settled. Where the law sets another period, that one applies.`,
  rights: ({ contact }) =>
    `You can see, copy, correct, complete and erase your information, have it moved to someone else, ask us to explain our rules, and close your account. You can withdraw one or all of your answers at any time: press “Withdraw consent” on this page; it is as easy as agreeing. What rested on it then stops at once and what came of it is erased; what was done before stays lawful. For everything else contact ${contact}. We check who you are, answer within fifteen working days, and give reasons if we cannot do what you ask.`,
  complaint: ({ contact }) =>
    `If you have doubts about how we handle your information, contact ${contact}. You can also complain to the authorities of your place for cyberspace, public security or market regulation, or go to court.`,
  alternatives: (alternative) =>
    `If you do not want your facial features or the original picture of your face to be used, you can choose ${alternative}. You get the same service and pay no more.`,
  sign: ({ controller, service, contact }, place) =>
    `You are about to enter an area with a camera. ${controller} films at ${place} for ${service}. Faces are covered at once on this device. If you do not want to be filmed, tell our staff before you enter. For the full notice, to withdraw or to complain: ${contact}.`,
  onDevice: 'In the storage of the browser on this device; nothing is uploaded to a server.',
  otherPeopleInCall: 'The other people in the call, who receive the picture with faces covered only',
};
