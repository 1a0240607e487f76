// Runs in the page before its own scripts and notes when things happen, on the page's clock and the context's.

(() => {
  const probe = (window.trialProbe = { playableMs: null, decodedBytes: 0, inputToRampEndS: [], playToSoundMs: null });
  let input = null;
  let pending = null;

  new MutationObserver(() => {
    const play = document.getElementById("play");
    if (probe.playableMs === null && play && !play.disabled) probe.playableMs = performance.now();
  }).observe(document, { subtree: true, childList: true, attributes: true });

  const decode = BaseAudioContext.prototype.decodeAudioData;
  BaseAudioContext.prototype.decodeAudioData = async function (file) {
    const buffer = await decode.call(this, file);
    probe.decodedBytes += buffer.numberOfChannels * buffer.length * 4;
    return buffer;
  };

  window.AudioContext = class extends AudioContext {
    constructor(...settings) {
      super(...settings);
      probe.context = this;
      probe.analyser = this.createAnalyser();
    }
  };

  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (probe.context && target === probe.context.destination) connect.call(this, probe.analyser);
    return connect.call(this, target, ...rest);
  };

  // From the moment of the input to the latest end of the ramps that it causes.
  const ramp = AudioParam.prototype.linearRampToValueAtTime;
  AudioParam.prototype.linearRampToValueAtTime = function (value, endS) {
    if (pending && input) {
      const waitedS = (performance.now() - input.timeStamp) / 1000;
      pending.s = Math.max(pending.s, waitedS + endS - probe.context.currentTime);
    }
    return ramp.call(this, value, endS);
  };
  addEventListener("keydown", (event) => begin(event), true);
  addEventListener("keyup", () => end(), true);

  function begin(event) {
    input = event;
    pending = { s: 0 };
  }

  function end() {
    if (pending?.s > 0) probe.inputToRampEndS.push(pending.s);
    pending = input = null;
  }

  addEventListener("click", (event) => event.target.closest?.("#play") && probe.playToSoundMs === null && listenFor(event), true);

  function listenFor(event) {
    const samples = new Float32Array(2048);
    const timer = setInterval(() => {
      if (!probe.analyser) return;
      probe.analyser.getFloatTimeDomainData(samples);
      if (!samples.some((sample) => Math.abs(sample) > 1e-4)) return;
      clearInterval(timer);
      probe.playToSoundMs = performance.now() - event.timeStamp;
    }, 1);
  }
})();
