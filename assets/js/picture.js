// A picture as it can go along with every message: of a kind that mail programs show, and small.

const KINDS = ["image/png", "image/jpeg", "image/gif"];
const MOST = 60_000; // bytes
const WIDTHS = [600, 400, 300, 200];
const SHOWN = 300; // so that screens with fine pixels have two for each

/** Its address as data and the width it is shown in; nothing for what is no picture. */
export async function smallPicture(file) {
  const drawn = await createImageBitmap(file).catch(() => null);
  if (!drawn) return null;
  const width = Math.min(drawn.width, SHOWN);
  if (KINDS.includes(file.type) && file.size <= MOST) return { url: await dataUrl(file), width };
  for (const most of WIDTHS) {
    const scale = Math.min(1, most / drawn.width);
    const canvas = new OffscreenCanvas(Math.max(1, drawn.width * scale), Math.max(1, drawn.height * scale));
    canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
    for (const type of file.type === "image/jpeg" ? ["image/jpeg"] : ["image/png", "image/jpeg"]) {
      const blob = await canvas.convertToBlob({ type, quality: 0.85 });
      if (blob.size <= MOST) return { url: await dataUrl(blob), width };
    }
  }
  return null;
}

function dataUrl(blob) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.readAsDataURL(blob);
  });
}
