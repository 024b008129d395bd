// Three ways from a camera picture to a code's text: the browser's own detector, zxing in WebAssembly, our server.

const LONGEST_SIDE = 1280;

/** Open the best decoder this browser can run. `parts` has the addresses of zxing (empty when not fetched) and the form token, empty where the server reads no frames. */
export async function openDecoder(parts) {
  return (await openNative()) ?? (await openZxing(parts).catch(() => null)) ?? openServer(parts);
}

async function openNative() {
  if (!("BarcodeDetector" in window)) return null;
  const formats = await BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return null;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return { name: "native", read: async (video) => (await detector.detect(video))[0]?.rawValue ?? null };
}

async function openZxing({ zxing, wasm }) {
  if (!zxing || !wasm || !("WebAssembly" in window)) return null;
  await loadScript(zxing);
  await ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const options = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 };
  return {
    name: "zxing",
    read: async (video) => {
      const { context, canvas } = draw(video);
      const found = await ZXingWASM.readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), options);
      return found.find((each) => each.isValid)?.text ?? null;
    },
  };
}

function openServer({ token, frames = "/check/frame" }) {
  if (!token) throw new Error("no decoder runs in this browser");
  return {
    name: "server",
    read: async (video) => {
      const frame = await new Promise((done) => draw(video).canvas.toBlob(done, "image/jpeg", 0.8));
      const answer = await fetch(frames, { method: "POST", body: frame, headers: { "X-CSRF-Token": token } })
        .catch(() => null);
      return answer?.status === 200 ? (await answer.json()).text : null;
    },
  };
}

function draw(video) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return { canvas, context };
}

function loadScript(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}
