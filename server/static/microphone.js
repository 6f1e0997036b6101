// The microphone, as 16-bit samples at the rate the recogniser wants. Nothing is kept once they are handed over.

import { byId } from "./dom.js";

const RATE = 16_000; // samples a second

export const isThere = () => Boolean(navigator.mediaDevices?.getUserMedia && globalThis.AudioWorkletNode);

// Begins to record, and tells the loudness (0 to 1) about 25 times a second. Rejects when it may or can not.
export async function record(onLevel) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const context = new AudioContext();
  const chunks = [];
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    return context.close();
  };
  try {
    await context.audioWorklet.addModule(byId("talk-button").dataset.recorder);
    const recorder = new AudioWorkletNode(context, "recorder", { channelCount: 1, channelCountMode: "explicit" });
    recorder.port.onmessage = ({ data }) => {
      chunks.push(data);
      onLevel(loudness(data));
    };
    context.createMediaStreamSource(stream).connect(recorder);
    recorder.connect(context.destination); // it hands on silence, but only what is connected is run
  } catch (problem) {
    await close();
    throw problem;
  }
  return {
    cancel: close,
    async finish() {
      await close();
      return samplesOf(chunks, context.sampleRate);
    },
  };
}

function loudness(samples) {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

async function samplesOf(chunks, rate) {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (length === 0) return new Int16Array();
  const offline = new OfflineAudioContext(1, Math.ceil((length * RATE) / rate), RATE);
  const recorded = offline.createBuffer(1, length, rate);
  let at = 0;
  for (const chunk of chunks) {
    recorded.copyToChannel(chunk, 0, at);
    at += chunk.length;
  }
  const source = new AudioBufferSourceNode(offline, { buffer: recorded });
  source.connect(offline.destination);
  source.start();
  const heard = (await offline.startRendering()).getChannelData(0);
  return Int16Array.from(heard, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32767))));
}
