import type { TemplateFill, TemplateTexts } from './notice-template-texts.ts';
import type { Scene } from './scenes.ts';

const starts: Readonly<Record<Scene, (service: string) => string>> = {
  upload: () => '仅在您点击拍摄或者选定录像文件后开始，完成或者取消后即停止',
  call: () => '仅在您发起或者接听通话后开始，通话结束即停止',
  processing: () => '仅在您打开加工功能并选定录像后开始，退出该功能即停止',
  service: (service) => `仅在${service}开始、页面显示采集标识后进行，${service}结束即停止`,
};

const liveView: Readonly<Record<Scene, (service: string) => string>> = {
  upload: (service) => `您使用${service}拍摄或者上传录像时，我们先遮挡画面中所有人的面部，再供您预览、展示。`,
  call: (service) => `您使用${service}进行视频通话时，我们实时遮挡画面中所有人的面部，再将遮挡后的画面发送给通话的其他参与者。`,
  processing: (service) => `您使用${service}剪辑、合成或者提取录像内容时，我们先遮挡画面中所有人的面部，再进行加工。`,
  service: (service) => `为向您提供${service}，我们实时遮挡画面中所有人的面部，并显示遮挡后的画面。`,
};

const recording: Readonly<Record<Scene, (service: string) => string>> = {
  upload: (service) => `保存您通过${service}拍摄或者上传的录像，供您查看、管理和展示。`,
  call: (service) => `录制您使用${service}时的通话画面，供您事后回看。录制期间，通话各方均能看到录制提示。`,
  processing: (service) => `保存您通过${service}加工完成的录像，供您继续编辑或者下载。`,
  service: (service) => `留存${service}过程的录像，用于核实服务情况、处理投诉和争议。`,
};

const sensitive = '本项功能须使用面部特征方能实现。面部特征属于敏感个人信息，泄露后难以更改，可能使您的人格尊严或者人身、财产安全受到侵害。本项须由您单独同意；您不同意的，不影响使用其他功能。';
const originals = ({ sealsOriginals }: TemplateFill): string =>
  sealsOriginals ? '除您单独同意封存的以外，未经遮挡的画面不离开本设备，也不保存' : '未经遮挡的画面不离开本设备，也不保存';

/** The templates in simplified Chinese. */
export const SIMPLIFIED_CHINESE: TemplateTexts = {
  purpose: {
    'live-redacted-view': (fill) => ({
      title: '显示遮挡面部后的画面',
      description: liveView[fill.scene](fill.service),
      method: `画面在本设备的浏览器内逐帧处理，自动定位面部并予以遮挡后才会输出；${originals(fill)}。自动定位可能遗漏过小、侧向或者被遮住的面部，系统不能确定时会遮挡整个画面。采集${starts[fill.scene](fill.service)}，其间页面始终显示采集标识。`,
      scope: '摄像头拍摄或者您选定文件中的画面，包括画面中的其他人；本项不处理声音，不辨认任何人的身份。',
      dataCategories: ['遮挡面部后的画面', '面部在画面中的位置，仅用于遮挡，用后即弃'],
    }),
    'staff-review': ({ service }) => ({
      title: '由工作人员查看遮挡面部后的录像',
      description: `在处理与${service}有关的咨询、投诉、争议或者安全事件时，由经授权的工作人员查看录像，核实情况。`,
      method: '工作人员看到的是遮挡面部后的录像。查看权限按岗位设置，并须有相应的业务事项方可查看，每次查看均有记录。遮挡面部致使无法处理该事项的，须另经审批，且仅限于所涉人员和必要时间。',
      scope: '与所处理事项有关的录像片段。',
      dataCategories: ['遮挡面部后的录像', '查看记录'],
    }),
    'redacted-recording': (fill) => ({
      title: '保存遮挡面部后的录像',
      description: recording[fill.scene](fill.service),
      method: `仅保存遮挡面部后的录像${fill.keepsSound ? '，除您单独同意的以外不保存声音' : ''}；${originals(fill)}。采集${starts[fill.scene](fill.service)}。`,
      scope: '自您开始至停止录制期间的画面。',
      dataCategories: ['遮挡面部后的录像', '录制时间'],
    }),
    'sound-recording': ({ service }) => ({
      title: '保存录像的声音',
      description: `保存${service}录像的声音，用途与录像相同。声音可能表明说话人的身份，谈话内容也可能涉及隐私。声音按原样保存，不作变声处理。本项须由您单独同意；您不同意的，录像不含声音，不影响使用其他功能。`,
      method: '仅在录像期间、且您已同意时录音。声音与录像一并加密保存，使用单独的密钥；不提取声音特征，也不据此辨认任何人的身份。您撤回本项同意的，立即停止录音，已保存的声音随即删除，录像画面不受影响。',
      scope: '录像期间麦克风或者您选定文件中的声音，包括在场其他人的声音。',
      dataCategories: ['录像的声音，包括说话声'],
    }),
    'feature-extraction': () => ({
      title: '提取您本人的面部特征',
      description: `从您本人的面部画面中提取一组数值，作为您的面部特征，供您另行同意的比对或者归类使用。${sensitive}`,
      method: '提取在本设备内完成，仅针对您指认为本人的面部，不提取画面中其他人的面部特征。面部特征经保护处理后保存，不保存面部原图。',
      scope: '您指认的面部在提取期间的画面。',
      dataCategories: ['经保护处理的面部特征（生物识别信息）'],
    }),
    comparison: ({ service }) => ({
      title: '比对面部特征',
      description: `在您使用${service}时，将您本人的面部特征与此前登记的面部特征比对，确认是否为同一人。${sensitive}`,
      method: '比对在本设备内完成，仅得出是否为同一人以及相似程度；画面中的其他人不参与比对。',
      scope: '您本人的面部特征和您登记过的面部特征。',
      dataCategories: ['经保护处理的面部特征（生物识别信息）', '比对结果'],
    }),
    'album-grouping': () => ({
      title: '按人物整理相册',
      description: `按照面部的相似程度，将您选定的照片、录像归入不同的人物分组，方便您查找。${sensitive}`,
      method: '计算在本设备内完成。分组仅有随机编号，不与姓名、账号对应，也不用于辨认照片中任何人的身份。您停止使用后不再计算，并可随时删除分组。',
      scope: '您选定的照片和录像。',
      dataCategories: ['经保护处理的面部特征（生物识别信息）', '面部在照片中的位置、角度和分组编号'],
    }),
    'sealed-originals': () => ({
      title: '加密封存面部原始画面',
      description: `将录像中被遮挡的面部区域加密封存，仅在依法调取、处理重大纠纷或者应您本人要求时解封。面部原始画面属于敏感个人信息，一旦泄露可能使您的人格尊严或者人身、财产安全受到侵害。本项须由您单独同意；您不同意的，不影响使用其他功能。`,
      method: '封存所用密钥不可导出，封存内容与遮挡后的录像分开存放。解封须有申请、理由和审批，并留有记录；期限届满，内容和密钥一并删除。',
      scope: '录像中被遮挡的面部区域。',
      dataCategories: ['加密封存的面部区域画面（敏感个人信息）', '解封记录'],
    }),
    sharing: ({ keepsSound }) => ({
      title: '向第三方提供遮挡面部后的录像',
      description: '将遮挡面部后的录像提供给本告知所列类型的接收方，用于本告知所列的目的。',
      method: `每次提供前，我们向您告知接收方的名称、联系方式、处理目的、处理方式和信息种类。仅提供遮挡面部后的录像，并随附载明目的和接收方类型的凭证。${keepsSound ? '录像的声音一律去除；您已单独同意保存声音、且我们已告知一并提供的除外。' : ''}`,
      scope: '经您确认提供的录像。',
      dataCategories: ['遮挡面部后的录像'],
    }),
  },
  retention: (days) =>
    days === 0
      ? '不保存。画面处理完毕即从内存中清除。'
      : `自产生之日起保存${days}日，期满删除；目的提前实现或者您撤回同意的，提前删除。有关纠纷尚未处理完毕的，保存至处理完毕；法律、行政法规另有规定的，依照其规定。`,
  rights: ({ contact }) =>
    `您可以查阅、复制、更正、补充、删除您的个人信息，要求转移至您指定的处理者，要求解释处理规则，以及注销账户。您可以随时撤回任意一项或者全部同意：在本页面点击“撤回同意”即可，与作出同意同样便捷。撤回后，相应的处理立即停止，据此取得的信息随即删除；撤回前已进行的处理，效力不受影响。行使其他权利，请联系：${contact}。我们核验您的身份后，在十五个工作日内答复；不能满足的，说明理由。`,
  complaint: ({ contact }) =>
    `您对个人信息处理活动有疑问或者异议的，可以与我们联系（${contact}）。您也可以向所在地的网信、公安或者市场监督管理等部门投诉、举报，或者依法向人民法院提起诉讼。`,
  alternatives: (alternative) =>
    `您不同意处理面部特征或者面部原始画面的，可以选择${alternative}。选择该方式不影响您获得同样的服务，也不增加费用。`,
  sign: ({ controller, service, contact }, place) =>
    `您即将进入图像采集区域。${controller}在${place}采集图像，用于${service}。画面中的面部在本设备内即时遮挡。不愿被采集的，请在进入前告知现场工作人员。查阅完整告知、撤回同意或者投诉，请联系：${contact}。`,
  onDevice: '保存在您使用的本设备的浏览器存储空间内，不上传至服务器。',
  otherPeopleInCall: '通话的其他参与者，仅接收遮挡面部后的画面',
};
