// Renders the page's own player offline. Runs inside the browser, called from test_engine.py.
// Returns the output's channels, and the source signals, as base64 of float32.

async (plan) => {
  const { conditionGains } = await import("/static/js/audio/gains.js");
  const { Player } = await import("/static/js/audio/player.js");
  const { premix } = await import("/static/js/audio/premix.js");
  const { mixVoices, stemVoices, VERSIONS } = await import("/static/js/audio/voices.js");
  const { rate, fileRate, seconds, channels, stems, conditions, actions } = plan;
  const context = new OfflineAudioContext(channels, Math.round(seconds * rate), rate);
  const names = stems.map((stem) => stem.name);
  const player = new Player({
    stems: names,
    voices: plan.premixed ? mixVoices() : stemVoices(names),
    lengthS: plan.lengthS,
    rate: fileRate,
    makeContext: () => context,
    every: () => 0,
    wallMs: () => 0,
  });
  player.load(plan.premixed ? await mixes() : stems.map((stem) => bufferOf(context, stem, fileRate)));
  player.setConditions(conditions);
  for (const group of byTime(actions.filter((action) => action.atS > 0))) {
    context.suspend(group[0].atS).then(() => {
      for (const action of group) player[action.call](...action.arguments);
      player.tick();
      context.resume();
    });
  }
  for (const action of actions.filter((action) => action.atS === 0)) player[action.call](...action.arguments);
  const rendered = await context.startRendering();
  const shape = plan.clicksAbove === null ? encoded : clicksIn;
  return {
    output: Array.from({ length: channels }, (_, channel) => shape(rendered.getChannelData(channel))),
    heard: player.heard.rounded(),
  };

  function mixes() {
    return premix({
      stemCount: stems.length,
      gainSets: VERSIONS.map((version) => conditionGains(conditions[version], names)),
      decodedStem: async (index) => bufferOf(context, stems[index], fileRate),
      rate: fileRate,
      frames: Math.round(plan.lengthS * fileRate),
    });
  }

  function clicksIn(samples) {
    const found = [];
    samples.forEach((value, at) => Math.abs(value) > plan.clicksAbove && found.push(at));
    return found;
  }

  function bufferOf(context, stem, rate) {
    if (stem.click) {
      const buffer = context.createBuffer(channels, plan.lengthS * rate, rate);
      buffer.getChannelData(stem.click.channel).fill(0.9, stem.click.at, stem.click.at + stem.click.samples);
      return buffer;
    }
    const data = stem.channels.map(decoded);
    const buffer = context.createBuffer(data.length, data[0].length, rate);
    data.forEach((samples, channel) => buffer.copyToChannel(samples, channel));
    return buffer;
  }

  function byTime(list) {
    const groups = new Map();
    for (const action of list) groups.set(action.atS, [...(groups.get(action.atS) ?? []), action]);
    return [...groups.values()];
  }

  function decoded(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  }

  function encoded(samples) {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  }
}
