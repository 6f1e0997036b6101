// The least runtime client that Lambda's Runtime API allows: the one on npm compiles a native library where it is
// installed. Lighter than Lambda's own, so it flatters Node.
import http from "node:http";

import { handler } from "./index.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
    return new Promise((resolve, reject) => {
        const options = { host, port, agent, method, path: `/2018-06-01/runtime/${path}` };
        const request = http.request(options, (answer) => {
            const parts = [];
            answer.on("data", (part) => parts.push(part));
            answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() }));
        });
        request.on("error", reject);
        request.end(body);
    });
}

const answered = (event) =>
    new Promise((resolve, reject) => handler(event, {}, (error, answer) => (error ? reject(error) : resolve(answer))));

for (;;) {
    const next = await call("GET", "invocation/next");
    const id = next.headers["lambda-runtime-aws-request-id"];
    try {
        const answer = await answered(JSON.parse(next.body));
        await call("POST", `invocation/${id}/response`, JSON.stringify(answer));
    } catch (error) {
        await call("POST", `invocation/${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: "" }));
    }
}
