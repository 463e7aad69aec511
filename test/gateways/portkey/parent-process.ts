/** A process that starts Portkey, prints the gateway's URL and waits to be killed. Run by driver.test.ts. */
import { cacheFolder } from "../../../gateways/cache.ts";
import { portkeyDriver } from "../../../gateways/portkey/driver.ts";
import { testModel, testPolicy, testProvider, testStart } from "../policies.ts";

const start = testStart(testPolicy([testProvider("a")]), { cacheDir: cacheFolder(process.env) });
const gateway = await portkeyDriver.start(start);
process.stdout.write(`${gateway.call(testModel).url}\n`);
