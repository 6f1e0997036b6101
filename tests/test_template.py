"""What the template promises, by name. Offline: what Amazon's own checkers say of it is in tests/aws.

Each promise that speaks of the code is read from the code: what is granted from what the store asks, what is counted
from what the meter writes, what is set from what is read.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from skill.preferences import VALUES
from store.dynamodb import DynamoDBStore
from store.row import Row
from watch.meter import LEVELS, NAMESPACE, TURN

ROOT = Path(__file__).parents[1]
# What the code reads on purpose beside the template, and who sets it. AWS_... is set by Lambda itself.
ELSEWHERE = {
    "PREFERENCES_FILE": "a file of SQLite, for the web service and the speaker",
    "CRAMP_COACH_PLAIN_KIT": "leaves the kit as it is, to look for a fault",
}


class Loader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation (!Ref x) as the long ones ({"Ref": x})."""


def long_form(loader: Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


Loader.add_multi_constructor("!", long_form)  # type: ignore[no-untyped-call]
TEMPLATE: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506 - a safe one
PARAMETERS: dict[str, Any] = TEMPLATE["Parameters"]
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTION: dict[str, Any] = RESOURCES["SkillFunction"]["Properties"]
WIDGETS: list[dict[str, Any]] = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]


def of_type(kind: str) -> dict[str, Any]:
    """The properties of all resources of a type, by name."""
    return {name: one.get("Properties", {}) for name, one in RESOURCES.items() if one["Type"] == kind}


def within(part: Any) -> Iterator[Any]:
    """A part of the template, and all in it."""
    yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from within(inner)


def named(part: Any) -> set[str]:
    """The parameters and resources that a part of the template names."""
    found = set()
    for one in within(part):
        if isinstance(one, dict):
            found |= {one["Ref"]} if isinstance(one.get("Ref"), str) else set()
            get, sub = one.get("Fn::GetAtt"), one.get("Fn::Sub")
            found |= {get.partition(".")[0]} if isinstance(get, str) else set()
            found |= {
                name.partition(".")[0] for name in re.findall(r"\$\{([^}]+)\}", sub if isinstance(sub, str) else "")
            }
            choice = one.get("Fn::If")
            found |= named(TEMPLATE["Conditions"][choice[0]]) if choice else set()
    return found


# ---- the function


def test_the_function_runs_a_current_python_on_arm() -> None:
    assert FUNCTION["Runtime"] == "python3.13"
    assert FUNCTION["Architectures"] == ["arm64"]
    assert FUNCTION["Handler"] == "lambda_function.lambda_handler"


def test_it_gives_up_before_alexa_does() -> None:
    """Alexa waits eight seconds; SAM's own default is three (Amazon, "Request processing": 8 seconds)."""
    assert FUNCTION["Timeout"] == 7


def test_alexa_calls_an_alias_and_only_for_our_skill() -> None:
    """With AutoPublishAlias, SAM binds the permission of an AlexaSkill event to the alias and to the skill's id."""
    assert FUNCTION["AutoPublishAlias"] == "live"
    assert FUNCTION["Events"] == {"Alexa": {"Type": "AlexaSkill", "Properties": {"SkillId": {"Ref": "SkillId"}}}}
    assert FUNCTION["Environment"]["Variables"]["SKILL_ID"] == {"Ref": "SkillId"}
    assert of_type("AWS::Lambda::Permission") == {}
    assert of_type("AWS::Lambda::Url") == {}
    assert "FunctionUrlConfig" not in FUNCTION


def test_the_skill_id_must_be_given_and_look_like_one() -> None:
    id_ = PARAMETERS["SkillId"]
    assert "Default" not in id_
    assert re.fullmatch(id_["AllowedPattern"], "amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef")
    for wrong in ("", "amzn1.ask.skill.x", "amzn1.ask.skill." + "0" * 36, "amzn1.ask.skill.-" * 2, "arn:aws:lambda"):
        assert not re.fullmatch(id_["AllowedPattern"], wrong), wrong


def test_every_setting_of_the_function_makes_a_new_version() -> None:
    """The alias would go on with the old one. A version whose description changes is replaced; SAM sees no values.

    A new version must differ in more than its description (CloudFormation: "A version for this Lambda function
    exists"), so a parameter that changes nothing else stands in the function's own description, too.
    """
    versioned = {key: part for key, part in FUNCTION.items() if key not in {"ReservedConcurrentExecutions", "Events"}}
    parameters = named(versioned) & set(PARAMETERS)
    assert named(FUNCTION["VersionDescription"]) == parameters == {"SkillId", "Memory", "Sounds"}
    assert named({"MemorySize": FUNCTION["MemorySize"], "Environment": FUNCTION["Environment"]}) >= {
        "Memory",
        "SkillId",
    }
    assert named(FUNCTION["Description"]) == {"Sounds"}
    assert FUNCTION["AutoPublishAliasAllProperties"] is True


def test_memory_and_concurrency_are_bounded() -> None:
    memory, cap = PARAMETERS["Memory"], PARAMETERS["Concurrency"]
    assert FUNCTION["MemorySize"] == {"Ref": "Memory"}
    assert 256 <= memory["MinValue"] <= memory["Default"] <= memory["MaxValue"] <= 3008
    assert FUNCTION["ReservedConcurrentExecutions"] == {
        "Fn::If": ["HasCap", {"Ref": "Concurrency"}, {"Ref": "AWS::NoValue"}]
    }
    assert 0 < cap["Default"] <= 100
    assert cap["MinValue"] == 0


def test_nothing_is_traced() -> None:
    """A trace would tell when somebody spoke, beside what the store was asked at the same moment."""
    assert FUNCTION.get("Tracing", "Disabled") == "Disabled"
    assert "Globals" not in TEMPLATE


# ---- what it may do


def statements() -> list[dict[str, Any]]:
    (role,) = of_type("AWS::IAM::Role").values()
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    return list(policy["PolicyDocument"]["Statement"])


def test_the_role_is_our_own() -> None:
    """Beside a Role, SAM attaches no policy of its own making."""
    assert FUNCTION["Role"] == {"Fn::GetAtt": "SkillRole.Arn"}
    assert not {"Policies", "ManagedPolicyArns"} & set(FUNCTION)
    (trust,) = RESOURCES["SkillRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


class Recorder(BaseHTTPRequestHandler):
    """Answers as an empty table does, and keeps what was asked."""

    asked: set[str] = set()

    def do_POST(self) -> None:
        self.asked.add(self.headers["X-Amz-Target"])
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """What the store asks DynamoDB for."""
    Recorder.asked = set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{server.server_port}",
    }.items():
        monkeypatch.setenv(name, value)
    yield Recorder.asked
    server.shutdown()
    server.server_close()


def test_it_may_do_with_the_table_what_the_store_does_and_no_more(asked: set[str]) -> None:
    table = DynamoDBStore("preferences")
    assert table.get("nobody") is None
    row = Row(at=1, ttl=2, kept={name: min(values) for name, values in VALUES.items()})
    assert table.swap("nobody", row, None)
    assert table.swap("nobody", row, {"at": 1})
    wanted = {f"dynamodb:{target.partition('.')[2]}" for target in asked}
    (granted,) = (one for one in statements() if one["Action"][0].startswith("dynamodb"))
    assert set(granted["Action"]) == wanted == {"dynamodb:GetItem", "dynamodb:PutItem"}
    assert granted["Resource"] == {"Fn::GetAtt": "PreferencesTable.Arn"}


def test_it_may_write_to_its_own_log_and_make_none() -> None:
    """CreateLogGroup would bring the group of a deleted stack back, without an end to what it keeps."""
    (granted,) = (one for one in statements() if one["Action"][0].startswith("logs"))
    assert set(granted["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert granted["Resource"] == {"Fn::GetAtt": "SkillLogs.Arn"}


def test_it_may_do_nothing_else_anywhere() -> None:
    assert len(statements()) == 2
    for one in statements():
        assert one["Effect"] == "Allow"
        assert "*" not in json.dumps(one)


# ---- what it reads


def read_by_the_code() -> set[str]:
    """The names of environment variables that the bundle reads, wherever it says so."""
    found = set()
    for path in (ROOT / "lambda").glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            given: ast.expr | None = None
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("environ.get", "getenv")) and node.args:
                given = node.args[0]
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
                given = node.slice
            if isinstance(given, ast.Constant):
                found.add(str(given.value))
    return found


def test_every_variable_that_is_set_is_read_and_every_one_read_is_set_or_named() -> None:
    read = {name for name in read_by_the_code() if not name.startswith("AWS_")}
    assert set(FUNCTION["Environment"]["Variables"]) == read - set(ELSEWHERE)


# ---- what it keeps


def test_the_table_keeps_nothing_longer_than_it_must() -> None:
    """Expires, encrypted, paid by use, no backup, and gone with the stack: what is deleted is gone."""
    (table,) = of_type("AWS::DynamoDB::Table").values()
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["person"]
    assert not {"DeletionProtectionEnabled", "StreamSpecification", "TableName"} & set(table)


def test_what_holds_anything_goes_with_the_stack() -> None:
    kept = {"AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::S3::Bucket"}
    holding = {name: one for name, one in RESOURCES.items() if one["Type"] in kept}
    assert set(holding) == {"PreferencesTable", "SkillLogs", "SoundsBucket"}
    for one in RESOURCES.values():
        assert one.get("DeletionPolicy", "Delete") == one.get("UpdateReplacePolicy", "Delete") == "Delete"
    for one in holding.values():
        assert one["DeletionPolicy"] == one["UpdateReplacePolicy"] == "Delete"


def test_logs_are_objects_and_end() -> None:
    (logs,) = of_type("AWS::Logs::LogGroup").values()
    assert logs["RetentionInDays"] == {"Ref": "LogDays"}
    assert max(PARAMETERS["LogDays"]["AllowedValues"]) <= 90
    assert PARAMETERS["LogDays"]["Default"] == 30  # docs/privacy.md says so
    assert FUNCTION["LoggingConfig"]["LogGroup"] == {"Ref": "SkillLogs"}
    assert FUNCTION["LoggingConfig"]["LogFormat"] == "JSON"


def test_the_log_level_lets_metrics_through() -> None:
    """A line without a level counts as INFO, and a line of metrics has none (AWS, "Log-level filtering")."""
    assert FUNCTION["LoggingConfig"]["ApplicationLogLevel"] == "INFO"


# ---- many regions


def test_the_same_template_serves_many_regions_of_an_account() -> None:
    """Names that an account has once only carry the region; all others are left to CloudFormation."""
    once = [RESOURCES["Dashboard"]["Properties"]["DashboardName"]]
    once.append(RESOURCES["SoundsAccess"]["Properties"]["OriginAccessControlConfig"]["Name"])
    for name in once:
        assert {"AWS::StackName", "AWS::Region"} <= set(re.findall(r"\$\{([^}]+)\}", name["Fn::Sub"]))
    names = {"FunctionName", "TableName", "LogGroupName", "RoleName", "BucketName", "TopicName", "AlarmName"}
    for properties in RESOURCES.values():
        assert not names & set(properties["Properties"])
    text = (ROOT / "template.yaml").read_text("utf-8")
    assert not re.search(r"\b(us|eu|ap)-[a-z]+-\d\b", text)
    assert not re.search(r"\b\d{12}\b", text)


# ---- what is watched


def on_dashboard() -> set[tuple[str, str]]:
    """Namespace and name of each metric that the dashboard draws."""
    rows = [row for widget in WIDGETS for row in widget["properties"].get("metrics", ())]
    return {(row[0], row[1]) for row in rows if isinstance(row[0], str)}


def alarmed() -> set[tuple[str, str]]:
    """Namespace and name of each metric that an alarm looks at."""
    parts = [part for part in within(list(of_type("AWS::CloudWatch::Alarm").values())) if isinstance(part, dict)]
    return {(part["Namespace"], part["MetricName"]) for part in parts if "MetricName" in part}


def test_every_metric_that_is_drawn_or_alarmed_is_counted_and_every_count_is_drawn() -> None:
    counted = {*TURN, *LEVELS.values()}
    assert {name for space, name in on_dashboard() if space == NAMESPACE} == counted
    assert {name for space, name in alarmed() if space == NAMESPACE} <= counted
    # AWS, "Types of metrics for Lambda functions"
    lambdas = {"Duration", "Errors", "Throttles", "ConcurrentExecutions"}
    assert {name for space, name in on_dashboard() | alarmed() if space != NAMESPACE} <= lambdas
    assert {space for space, _ in on_dashboard() | alarmed()} == {NAMESPACE, "AWS/Lambda"}


def test_every_number_is_of_our_own_function() -> None:
    """Ours stand under "Function", Lambda's under "FunctionName"; the meter writes the one, Lambda the other."""
    dimension = {NAMESPACE: "Function", "AWS/Lambda": "FunctionName"}
    for widget in WIDGETS:
        for row in widget["properties"].get("metrics", ()):
            if isinstance(row[0], str):
                assert row[2:4] == [dimension[row[0]], "${SkillFunction}"]
    for part in within(list(of_type("AWS::CloudWatch::Alarm").values())):
        if isinstance(part, dict) and "MetricName" in part:
            assert part["Dimensions"] == [{"Name": dimension[part["Namespace"]], "Value": {"Ref": "SkillFunction"}}]


@pytest.mark.parametrize(
    "title", ["Turns", "Latency", "Errors", "Not understood", "What was advised", "Cold starts", "Alarms"]
)
def test_the_dashboard_shows(title: str) -> None:
    assert sum(widget["properties"]["title"].startswith(title) for widget in WIDGETS) == 1


def test_the_dashboard_shows_every_alarm_and_no_widget_covers_another() -> None:
    (alarms,) = (widget["properties"]["alarms"] for widget in WIDGETS if widget["type"] == "alarm")
    assert {one.removeprefix("${").removesuffix(".Arn}") for one in alarms} == set(of_type("AWS::CloudWatch::Alarm"))
    cells = [
        (x, y)
        for widget in WIDGETS
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_levels_are_shown_by_the_day_and_in_no_alarm() -> None:
    """An alarm on emergencies would tell its reader that somebody has one, and when."""
    assert not {name for _, name in alarmed()} & set(LEVELS.values())
    (advised,) = (one for one in WIDGETS if one["properties"]["title"].startswith("What was advised"))
    assert advised["properties"]["period"] == 86_400


@pytest.mark.parametrize(
    ("alarm", "metric", "least"),
    [
        ("FailuresAlarm", (NAMESPACE, "Failures"), 1),
        ("ErrorsAlarm", ("AWS/Lambda", "Errors"), 1),
        ("ThrottlesAlarm", ("AWS/Lambda", "Throttles"), 1),
        ("SlowAlarm", ("AWS/Lambda", "Duration"), 6000),
        ("StoreFailuresAlarm", (NAMESPACE, "StoreFailures"), 5),
    ],
)
def test_there_is_an_alarm_for(alarm: str, metric: tuple[str, str], least: int) -> None:
    properties = RESOURCES[alarm]["Properties"]
    assert (properties["Namespace"], properties["MetricName"]) == metric
    assert properties["Threshold"] == least
    assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert properties["Statistic"] == ("Maximum" if metric[1] == "Duration" else "Sum")


def test_there_is_an_alarm_for_what_is_not_understood() -> None:
    """By its share, and only where there were enough turns for one."""
    properties = RESOURCES["FallbackAlarm"]["Properties"]
    (expression,) = (one["Expression"] for one in properties["Metrics"] if "Expression" in one)
    assert expression == "IF(turns >= 20, 100 * fallbacks / turns, 0)"
    named_ = {
        one["Id"]: one["MetricStat"]["Metric"]["MetricName"] for one in properties["Metrics"] if "MetricStat" in one
    }
    assert named_ == {"turns": "Turns", "fallbacks": "Fallbacks"}
    assert [one["Id"] for one in properties["Metrics"] if one["ReturnData"]] == ["share"]


def test_an_alarm_is_quiet_while_nobody_speaks_and_tells_whom_it_was_given() -> None:
    somebody = {"Fn::If": ["TellsSomebody", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    assert len(of_type("AWS::CloudWatch::Alarm")) == 6
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmActions"] == alarm["OKActions"] == somebody
        assert alarm["AlarmDescription"]
    assert RESOURCES["AlarmTopic"]["Condition"] == "TellsSomebody"
    assert PARAMETERS["AlarmEmail"]["Default"] == ""
    pattern = PARAMETERS["AlarmEmail"]["AllowedPattern"]
    assert [bool(re.fullmatch(pattern, given)) for given in ("", "me@example.org", "me", "a b@c.d")] == [
        True,
        True,
        False,
        False,
    ]


# ---- the rest


def test_every_parameter_but_the_skill_id_has_a_default_and_all_say_what_they_are_for() -> None:
    """ "sam deploy --guided" asks for each with its description."""
    assert {name for name, one in PARAMETERS.items() if "Default" not in one} == {"SkillId"}
    for name, one in PARAMETERS.items():
        assert one["Description"].endswith("."), name
        assert {"AllowedPattern", "AllowedValues", "MinValue"} & set(one), name
        assert name in named(RESOURCES) | named(TEMPLATE["Conditions"]), name


def test_everything_that_can_carry_a_tag_carries_ours() -> None:
    """So that costs can be told apart in the bill."""
    untagged = {
        "AWS::CloudWatch::Dashboard",
        "AWS::S3::BucketPolicy",
        "AWS::CloudFront::OriginAccessControl",
    }
    for name, one in RESOURCES.items():
        if one["Type"] in untagged:
            continue
        tags = one["Properties"]["Tags"]
        assert tags in ({"application": "cramp-coach"}, [{"Key": "application", "Value": "cramp-coach"}]), name


def test_the_outputs_say_what_alexa_calls() -> None:
    outputs = TEMPLATE["Outputs"]
    assert outputs["Endpoint"]["Value"] == {"Ref": "SkillFunction.Alias"}
    assert set(outputs) == {"Endpoint", "FunctionName", "LogGroupName", "DashboardUrl", "SoundsBucketName"}


def test_the_page_on_deploying_knows_every_parameter_output_and_command() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    asked = re.findall(r"^\| Parameter (\w+) \|", page, re.MULTILINE)
    assert asked == list(PARAMETERS)  # in the order in which "sam deploy --guided" asks
    assert set(re.findall(r"OutputKey=='(\w+)'", page)) <= set(TEMPLATE["Outputs"])
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    made = set(re.findall(r"^make ([a-z-]+)", page, re.MULTILINE))
    assert made
    assert made <= targets
    numbers = {*TURN, *LEVELS.values()}
    queried = set(re.findall(r"(?:sum|avg|pct|ispresent)\((\w+)[,)]", page)) - {"class", "errorType"}
    assert {"Duration", "Turns", "Emergency"} <= queried <= numbers


def test_the_question_for_what_went_wrong_finds_what_no_code_of_ours_could_log() -> None:
    """A function that is stopped, or has no memory left, writes no line; Lambda's own report says so by its status.

    https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html (Status)
    """
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    (asked,) = re.findall(r"^# what went wrong.*\n(?:.+\n)+", page, re.MULTILINE)
    (statuses,) = re.findall(r"record\.status in \[([^]]+)\]", asked)
    assert set(re.findall(r'"(\w+)"', statuses)) == {"error", "failure", "timeout"}
    assert FUNCTION["LoggingConfig"]["SystemLogLevel"] == "INFO"  # reports are of that level


def test_comments_point_at_pages_that_are_there() -> None:
    text = (ROOT / "template.yaml").read_text("utf-8")
    pages = re.findall(r"docs/decisions/(\d{4})", text)
    assert pages
    for page in pages:
        assert list((ROOT / "docs" / "decisions").glob(f"{page}-*.md")), page
    for page in re.findall(r"docs/[\w/.-]+\.md", text):
        assert (ROOT / page).is_file(), page
