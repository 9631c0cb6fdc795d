// A program as a user of AWS's SDK for JavaScript writes it: the default credential chain, and GetCallerIdentity for each line of
// standard input. It prints which access key answered as whom, so that a test sees one process change its credentials.
import { createInterface } from "node:readline";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const client = new STSClient({});
for await (const _ of createInterface({ input: process.stdin })) {
  try {
    const identity = await client.send(new GetCallerIdentityCommand({}));
    const keys = await client.config.credentials();
    console.log(keys.accessKeyId, identity.Arn);
  } catch (error) {
    console.log("error:", error.name, error.message);
  }
}
