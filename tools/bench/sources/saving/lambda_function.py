"""A hello world that remembers, as Amazon's own samples have it: ask-sdk with its DynamoDB adapter, one load and one
save a turn."""

import os

from ask_sdk.standard import StandardSkillBuilder
from ask_sdk_core.utils import is_request_type

builder = StandardSkillBuilder(table_name=os.environ["PREFERENCES_TABLE"], auto_create_table=False)


@builder.request_handler(
    can_handle_func=lambda given: is_request_type("LaunchRequest")(given) or is_request_type("IntentRequest")(given)
)
def hello(handler_input):
    attributes = handler_input.attributes_manager.persistent_attributes
    attributes["pace"] = "slow" if attributes.get("pace") == "fast" else "fast"
    handler_input.attributes_manager.save_persistent_attributes()
    return handler_input.response_builder.speak("Hello, world.").ask("Say hello again.").response


lambda_handler = builder.lambda_handler()
