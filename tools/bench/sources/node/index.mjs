// A hello world as Amazon's own samples have it: ask-sdk-core for Node.
import Alexa from "ask-sdk-core";

const launch = {
    canHandle: (input) => Alexa.getRequestType(input.requestEnvelope) === "LaunchRequest",
    handle: (input) => input.responseBuilder.speak("Welcome. Say hello.").reprompt("Say hello.").getResponse(),
};

const hello = {
    canHandle: (input) => Alexa.getRequestType(input.requestEnvelope) === "IntentRequest",
    handle: (input) => input.responseBuilder.speak("Hello, world.").reprompt("Say hello again.").getResponse(),
};

export const handler = Alexa.SkillBuilders.custom().addRequestHandlers(launch, hello).lambda();
