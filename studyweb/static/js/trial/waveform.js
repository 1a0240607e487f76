// The excerpt's shape on a canvas: one drawing for all versions, so that it tells nothing about them. Click or drag to
// seek and to set a loop; the same is possible by keyboard through the slider and the loop fields beside it.

const BAR_PX = 3;
const GAP_PX = 2;
const DRAG_PX = 6;
/** How strong bars outside the loop region are. */
const OUTSIDE = 0.35;

export class Waveform {
  /** `peaks`: 0..255 over the excerpt. `onSeek(s)`, `onLoop({startS, endS})`. */
  constructor(canvas, { peaks, lengthS, onSeek, onLoop }) {
    Object.assign(this, { canvas, peaks, lengthS, onSeek, onLoop });
    this.state = { positionS: 0, version: "problem", loop: { startS: 0, endS: lengthS } };
    this.drag = null;
    this.layers = new Map();
    this.look = "";
    this.pen = canvas.getContext("2d");
    this.readColours();
    new ResizeObserver(() => this.#fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.readColours();
      this.draw();
    });
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#release(event));
    canvas.addEventListener("pointercancel", () => this.#cancel());
  }

  /** Takes what is to be shown and draws it. */
  show(state) {
    Object.assign(this.state, state);
    this.draw();
  }

  readColours() {
    const style = getComputedStyle(this.canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    this.colours = { rest: colour("--wave-rest"), ink: colour("--ink"), region: colour("--line"), problem: colour("--p"), A: colour("--a"), B: colour("--b"), own: colour("--accent") };
  }

  /** Draws what has changed to the eye: the bars stand ready in each colour and are only put together. */
  draw() {
    const { width, height } = this.canvas;
    const loop = this.drag?.region ?? this.state.loop;
    const [from, to, head] = [loop.startS, loop.endS, this.state.positionS].map((atS) => Math.round(this.#toX(atS)));
    const look = [width, height, from, to, head, this.state.version, this.colours.ink].join();
    if (look === this.look || width === 0 || height === 0) return;
    this.look = look;
    const scale = width / (this.canvas.clientWidth || 1);
    const played = Math.min(Math.max(head, from), to);
    this.pen.clearRect(0, 0, width, height);
    this.#putBars("rest", 0, from, OUTSIDE);
    this.#putBars(this.state.version, from, played, 1);
    this.#putBars("rest", played, to, 1);
    this.#putBars("rest", to, width, OUTSIDE);
    this.#drawRegion(scale, loop);
    this.#drawHead(scale);
  }

  #putBars(colour, from, to, alpha) {
    if (to <= from) return;
    const { height } = this.canvas;
    this.pen.globalAlpha = alpha;
    this.pen.drawImage(this.#bars(colour), from, 0, to - from, height, from, 0, to - from, height);
    this.pen.globalAlpha = 1;
  }

  #bars(colour) {
    const { width, height } = this.canvas;
    const key = [this.colours[colour], width, height].join();
    if (this.layers.get(colour)?.key === key) return this.layers.get(colour).layer;
    const layer = Object.assign(document.createElement("canvas"), { width, height });
    this.#drawBars(layer.getContext("2d"), this.colours[colour]);
    this.layers.set(colour, { key, layer });
    return layer;
  }

  #drawBars(pen, colour) {
    const { width, height } = this.canvas;
    const scale = width / (this.canvas.clientWidth || 1);
    const step = (BAR_PX + GAP_PX) * scale;
    const count = Math.max(1, Math.floor(width / step));
    const middle = height / 2;
    pen.fillStyle = colour;
    pen.beginPath();
    for (let bar = 0; bar < count; bar += 1) {
      const half = Math.max(1.5 * scale, peakBetween(this.peaks, bar / count, (bar + 1) / count) * (middle - 8 * scale));
      pen.roundRect(bar * step, middle - half, BAR_PX * scale, 2 * half, (BAR_PX * scale) / 2);
    }
    pen.fill();
  }

  #drawRegion(scale, loop) {
    if (loop.startS <= 0.01 && loop.endS >= this.lengthS - 0.01) return;
    this.pen.fillStyle = this.colours.ink;
    for (const [atS, toward] of [[loop.startS, 1], [loop.endS, -1]]) {
      const x = Math.min(Math.max(this.#toX(atS), scale), this.canvas.width - scale);
      this.pen.fillRect(x - scale, 0, 2 * scale, this.canvas.height);
      this.pen.fillRect(toward > 0 ? x : x - 7 * scale, 0, 7 * scale, 2 * scale);
      this.pen.fillRect(toward > 0 ? x : x - 7 * scale, this.canvas.height - 2 * scale, 7 * scale, 2 * scale);
    }
  }

  #drawHead(scale) {
    const x = Math.min(Math.max(this.#toX(this.state.positionS), scale), this.canvas.width - scale);
    this.pen.fillStyle = this.colours.ink;
    this.pen.fillRect(x - scale, 0, 2 * scale, this.canvas.height);
    this.pen.beginPath();
    this.pen.arc(x, 5 * scale, 5 * scale, 0, 2 * Math.PI);
    this.pen.fill();
  }

  #toX(atS) {
    return (atS / this.lengthS) * this.canvas.width;
  }

  #secondsAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * this.lengthS;
  }

  #press(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = { fromX: event.clientX, fromS: this.#secondsAt(event), region: null };
  }

  #move(event) {
    if (!this.drag) return;
    if (!this.drag.region && Math.abs(event.clientX - this.drag.fromX) < DRAG_PX) return;
    const [startS, endS] = [this.drag.fromS, this.#secondsAt(event)].sort((one, other) => one - other);
    this.drag.region = { startS, endS };
    this.draw();
  }

  #release(event) {
    const drag = this.drag;
    this.drag = null;
    if (drag?.region) this.onLoop(drag.region);
    else if (drag) this.onSeek(this.#secondsAt(event));
  }

  #cancel() {
    this.drag = null;
    this.draw();
  }

  #fit() {
    const density = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.canvas.clientWidth * density);
    this.canvas.height = Math.round(this.canvas.clientHeight * density);
    this.look = ""; // a canvas whose size is set is empty, also where the size is the same
    this.draw();
  }
}

function peakBetween(peaks, from, to) {
  const first = Math.floor(from * peaks.length);
  const last = Math.max(first + 1, Math.ceil(to * peaks.length));
  let highest = 0;
  for (let at = first; at < Math.min(last, peaks.length); at += 1) highest = Math.max(highest, peaks[at]);
  return highest / 255;
}
