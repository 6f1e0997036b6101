// The same hello world behind Amazon's own web door for Node: ask-sdk-express-adapter, fully verified.
// Only where the chain comes from and whom to trust is replaced (BENCH_AMAZON, as in doors.py).
"use strict";

const fs = require("node:fs");
const https = require("node:https");
const path = require("node:path");
const { createRequire } = require("node:module");
const { Readable } = require("node:stream");

const folder = process.env.BENCH_AMAZON;
const chain = fs.readFileSync(path.join(folder, "chain.pem"));
https.get = (url, answer) => {
  const response = Readable.from([chain]);
  response.statusCode = 200;
  process.nextTick(answer, response);
  return { on() {}, end() {} };
};

const installed = createRequire(path.join(process.env.BENCH_MODULES, "any.js"));
const Alexa = installed("ask-sdk-core");
const { ExpressAdapter } = installed("ask-sdk-express-adapter");
const express = installed("express");
const helper = installed("ask-sdk-express-adapter/dist/verifier/helper");
const root = fs.readFileSync(path.join(folder, "root.pem"), "utf8");
const storeOf = helper.generateCAStore;
helper.generateCAStore = (roots) => storeOf([...roots, root]);

const skill = Alexa.SkillBuilders.custom()
  .addRequestHandlers({
    canHandle: (input) => Alexa.getRequestType(input.requestEnvelope) === "LaunchRequest",
    handle: (input) =>
      input.responseBuilder
        .speak("Welcome to the Alexa Skills Kit, you can say hello!")
        .withShouldEndSession(false)
        .getResponse(),
  })
  .create();
const app = express();
app.post("/alexa", new ExpressAdapter(skill, true, true).getRequestHandlers());
app.listen(Number(process.env.PORT), "127.0.0.1");
