"""A hello world as Amazon's own samples have it: ask-sdk-core, a handler for the launch and one for any intent."""

from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_request_type

builder = SkillBuilder()


@builder.request_handler(can_handle_func=is_request_type("LaunchRequest"))
def launch(handler_input):
    return handler_input.response_builder.speak("Welcome. Say hello.").ask("Say hello.").response


@builder.request_handler(can_handle_func=is_request_type("IntentRequest"))
def hello(handler_input):
    return handler_input.response_builder.speak("Hello, world.").ask("Say hello again.").response


lambda_handler = builder.lambda_handler()
