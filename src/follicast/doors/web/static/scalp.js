// The scalp, hair by hair: one instanced draw call over strands that were uploaded once. Sliding through the months
// changes a few numbers (weights of the steps), never a buffer. Both arms are drawn by that one call: every strand
// stands twice, its attributes advance at every second instance, and an instance's parity says whose side it is on.
//
// Strands come from the uppermost down and are laid beneath what is there, as on the server: colour is added by what
// is still open. What stays open shows the skin that lies behind the canvas.

const STEPS = 5; // today and four later months, for each of two arms: nine steps, as many as the file may hold
const PIECES = 12;

const VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 along;      // share of the hair's length [0 root, 1 tip], side of the ribbon [-1, 1]
layout(location=1) in vec2 root;       // [root units]
layout(location=2) in vec4 turnA;      // first two pieces, x y each [turn units]
layout(location=3) in vec2 turnB;      // third piece
layout(location=4) in vec2 kind;       // tint, lift [0 to 1]
layout(location=5) in vec2 today;      // diameter, length [0 to 1]
layout(location=6) in vec4 umLeft;
layout(location=7) in vec4 mmLeft;
layout(location=8) in vec4 umRight;
layout(location=9) in vec4 mmRight;
uniform vec2 frame, margin;            // [mm]
uniform float rootMm, umUnit, mmUnit, widthFactor, pxPerMm;
uniform vec3 turnMm;
uniform vec4 nodes;                    // [mm] along the hair
uniform float weightToday;
uniform vec4 weights;
uniform vec3 hair;
out vec4 colour;
out float aside;

vec2 at(float s, vec2 p0, vec2 p1, vec2 p2, vec2 p3) {
  // A smooth way through the four nodes (Catmull and Rom, on their unequal distances).
  vec2 m1 = (p2 - p0) / (nodes.z - nodes.x), m2 = (p3 - p1) / (nodes.w - nodes.y), m0 = (p1 - p0) / (nodes.y - nodes.x);
  vec2 m3 = (p3 - p2) / (nodes.w - nodes.z);
  vec2 a, b, ma, mb; float lo, hi;
  if (s < nodes.y) { a = p0; b = p1; ma = m0; mb = m1; lo = nodes.x; hi = nodes.y; }
  else if (s < nodes.z) { a = p1; b = p2; ma = m1; mb = m2; lo = nodes.y; hi = nodes.z; }
  else { a = p2; b = p3; ma = m2; mb = m3; lo = nodes.z; hi = nodes.w; }
  float w = hi - lo, t = (s - lo) / w;
  if (t > 1.0) return p3 + m3 * (s - nodes.w);
  float t2 = t * t, t3 = t2 * t;
  return (2.0*t3 - 3.0*t2 + 1.0)*a + (t3 - 2.0*t2 + t)*w*ma + (3.0*t2 - 2.0*t3)*b + (t3 - t2)*w*mb;
}

void main() {
  float right = float(gl_InstanceID & 1);
  float um = umUnit * 255.0 * (weightToday * today.x + dot(weights, mix(umLeft, umRight, right)));
  float mm = mmUnit * 255.0 * (weightToday * today.y + dot(weights, mix(mmLeft, mmRight, right)));
  mm = min(mm, nodes.w * 1.25);
  vec2 p0 = root * rootMm - margin;
  vec2 p1 = p0 + turnA.xy * 127.0 * turnMm.x, p2 = p1 + turnA.zw * 127.0 * turnMm.y, p3 = p2 + turnB * 127.0 * turnMm.z;
  float s = along.x * mm;
  vec2 here = at(s, p0, p1, p2, p3), ahead = at(s + 0.6, p0, p1, p2, p3);
  vec2 way = ahead - here;
  float step_ = max(length(way), 1e-5);
  way /= step_;
  vec2 across = vec2(-way.y, way.x);
  float taper = min((1.0 - along.x) / 0.18, 1.0);
  float px = um * 1e-3 * widthFactor * taper * pxPerMm;
  float span = max(px, 1.0);           // never narrower than a pixel, but then as much fainter
  vec2 place = here + across * along.y * 0.5 * span / pxPerMm;
  vec2 unit = place / frame;           // 0 to 1 over one side, front at the top
  aside = unit.x;                      // what leaves its own side is cut away, not drawn over the other
  gl_Position = um > 1e-6 ? vec4(unit.x + right - 1.0, 1.0 - 2.0 * unit.y, 0.0, 1.0) : vec4(2.0, 2.0, 0.0, 1.0);
  // Two soft lamps, left and right: hair that lies across the light scatters more and mirrors a little.
  float lift = (0.35 + 0.5 * kind.y) * exp(-s / 14.0) - 0.004 * s;
  vec3 tangent = normalize(vec3(way, lift));
  vec3 lampL = normalize(vec3(-0.40, -0.16, 0.90)), lampR = normalize(vec3(0.40, -0.16, 0.90));
  float tl = dot(tangent, lampL), tr = dot(tangent, lampR);
  float scattered = 0.22 + 0.39 * (sqrt(max(1.0 - tl*tl, 0.0)) + sqrt(max(1.0 - tr*tr, 0.0)));
  float hl = dot(tangent, normalize(lampL + vec3(0.0, 0.0, 1.0))), hr = dot(tangent, normalize(lampR + vec3(0.0, 0.0, 1.0)));
  float shine = 0.30 * (pow(sqrt(max(1.0 - hl*hl, 0.0)), 150.0) + pow(sqrt(max(1.0 - hr*hr, 0.0)), 150.0));
  float deep = mix(0.55, 1.0, smoothstep(0.0, 9.0, s)); // roots stand in the shade of their neighbours
  float tint = kind.x * 255.0 / 128.0;
  vec2 middle = (unit - 0.5) * 2.0;
  float away = 1.0 - 0.42 * pow(min(dot(middle, middle) * 0.5, 1.0), 1.8);
  vec3 light = (hair * tint * scattered * deep + shine * (0.10 + 2.2 * hair) * deep) * away;
  colour = vec4(pow(clamp(light, 0.0, 1.0), vec3(1.0 / 2.2)), min(px / span, 1.0));
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 colour;
in float aside;
out vec4 shown;
void main() { if (aside < 0.0 || aside > 1.0) discard; shown = vec4(colour.rgb * colour.a, colour.a); }`;

export function read(bytes) {
  const view = new DataView(bytes), size = view.getUint32(8, true);
  const magic = new TextDecoder().decode(new Uint8Array(bytes, 0, 8));
  if (magic !== "FOLLSTR1") throw new Error("these are no strands");
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 12, size)));
  const block = name => new Uint8Array(bytes, head.blocks[name][0], head.blocks[name][1]);
  return { head, block };
}

// Which step holds an arm's month; month 0 is the same for both and stands once.
function stepOf(head, arm, month) {
  const name = month === 0 ? head.steps[0].name : `${arm}:${month}`;
  return head.steps.find(step => step.name === name);
}

function linear(srgb) { return srgb.map(v => Math.pow(v / 255, 2.2)); }

export class Scalp {
  constructor(canvas, file, arms, months) {
    const gl = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("no WebGL2");
    Object.assign(this, { gl, canvas, head: file.head, arms, months: months.slice(0, STEPS), uploads: 0, calls: 0 });
    this.program = this.#linked();
    this.#upload(file);
    this.#settle();
    this.where = Object.fromEntries(["weightToday", "weights", "pxPerMm"].map(n => [n, gl.getUniformLocation(this.program, n)]));
    this.weights = new Float32Array(4);
  }

  #linked() {
    const gl = this.gl, program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    return program;
  }

  #buffer(bytes) {
    const gl = this.gl, buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, bytes, gl.STATIC_DRAW);
    this.uploads += 1;
  }

  #per(place, size, type, normal, stride, offset, divisor) {
    const gl = this.gl;
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, type, normal, stride, offset);
    gl.vertexAttribDivisor(place, divisor);
  }

  #upload({ head, block }) {
    const gl = this.gl, n = head.strands;
    gl.bindVertexArray(gl.createVertexArray());
    const ribbon = new Float32Array(4 * (PIECES + 1));
    for (let k = 0; k <= PIECES; k++) ribbon.set([k / PIECES, -1, k / PIECES, 1], 4 * k);
    this.#buffer(ribbon);
    this.#per(0, 2, gl.FLOAT, false, 8, 0, 0);
    this.#buffer(block("static"));
    this.#per(1, 2, gl.UNSIGNED_SHORT, false, 12, 0, 2);
    this.#per(2, 4, gl.BYTE, true, 12, 4, 2);
    this.#per(3, 2, gl.BYTE, true, 12, 8, 2);
    this.#per(4, 2, gl.UNSIGNED_BYTE, true, 12, 10, 2);
    // The columns of all steps side by side, 18 bytes a strand: today, then four months of each arm.
    const columns = new Uint8Array(18 * n);
    const fill = (what, arm, month, at) => {
      const step = stepOf(head, arm, month);
      if (!step) return;
      const told = block(`${what}:${step.name}`);
      for (let i = 0; i < n; i++) columns[18 * i + at] = told[i];
    };
    fill("diameter", this.arms[0], 0, 0);
    fill("length", this.arms[0], 0, 1);
    this.arms.forEach((arm, side) => this.months.slice(1).forEach((month, k) => {
      fill("diameter", arm, month, 2 + 8 * side + k);
      fill("length", arm, month, 6 + 8 * side + k);
    }));
    // A hair that is not there yet, or no more, keeps its length and thins out: it does not shrink in the picture.
    for (let i = 0; i < n; i++) for (const at of [[0, 1], ...[0, 1].flatMap(s => [0, 1, 2, 3].map(k => [2 + 8*s + k, 6 + 8*s + k]))])
      if (columns[18*i + at[0]] === 0) columns[18*i + at[1]] = columns[18*i + (at[0] > 2 ? (at[1] === 6 || at[1] === 14 ? 1 : at[1] - 1) : 1)];
    this.#buffer(columns);
    this.#per(5, 2, gl.UNSIGNED_BYTE, true, 18, 0, 2);
    [2, 6, 10, 14].forEach((at, k) => this.#per(6 + k, 4, gl.UNSIGNED_BYTE, true, 18, at, 2));
  }

  #settle() {
    const gl = this.gl, h = this.head, set = (n, f, ...v) => gl[f](gl.getUniformLocation(this.program, n), ...v);
    set("frame", "uniform2f", ...h.frame_mm);
    set("margin", "uniform2f", ...h.margin_mm);
    set("rootMm", "uniform1f", h.root_mm);
    set("umUnit", "uniform1f", h.diameter_um);
    set("mmUnit", "uniform1f", h.length_mm);
    set("widthFactor", "uniform1f", h.width_factor);
    set("turnMm", "uniform3f", ...h.turn_mm);
    set("nodes", "uniform4f", ...h.nodes_mm);
    set("hair", "uniform3f", ...linear(h.hair.srgb));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE_MINUS_DST_ALPHA, gl.ONE); // beneath what is there
    gl.clearColor(0, 0, 0, 0);
  }

  // Weights of the steps at a month, linear between the two that hold it.
  at(month) {
    const months = this.months, weights = this.weights.fill(0);
    let today = 0, k = months.findIndex(m => m >= month);
    if (k < 0) k = months.length - 1;
    const put = (step, share) => { if (step === 0) today += share; else weights[step - 1] += share; };
    if (k === 0) put(0, 1);
    else {
      const share = Math.min((month - months[k - 1]) / (months[k] - months[k - 1]), 1);
      put(k - 1, 1 - share);
      put(k, share);
    }
    return { today, weights };
  }

  size() {
    const box = this.canvas.getBoundingClientRect(), dense = Math.min(devicePixelRatio || 1, 2);
    const [w, h] = [Math.round(box.width * dense), Math.round(box.height * dense)];
    if (w && (this.canvas.width !== w || this.canvas.height !== h)) Object.assign(this.canvas, { width: w, height: h });
  }

  draw(month) {
    const gl = this.gl, { today, weights } = this.at(month);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.uniform1f(this.where.pxPerMm, this.canvas.width / 2 / this.head.frame_mm[0]);
    gl.uniform1f(this.where.weightToday, today);
    gl.uniform4fv(this.where.weights, weights);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 2 * (PIECES + 1), 2 * this.head.strands);
    this.calls += 1;
  }

  // How long [ms] a whole frame takes, the picture included: one pixel is read back. A machine without a graphics
  // chip shows itself by it.
  frameMs(month) {
    const before = performance.now();
    this.draw(month);
    this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now() - before;
  }

  // The picture's own numbers, interpolated as the picture is.
  numbers(side, month) {
    const { today, weights } = this.at(month), told = { density_per_cm2: 0, mean_diameter_um: 0, chtd_cm_per_cm2: 0 };
    const shares = [today, ...weights];
    this.months.forEach((m, k) => {
      const step = stepOf(this.head, this.arms[side], m);
      if (step && shares[k]) for (const key of Object.keys(told)) told[key] += shares[k] * step[key];
    });
    return told;
  }
}
