// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A machine whose hosts' files are the test's own. */
abstract class HostsFixture {

    @TempDir
    Path directory;

    static BridgeCommand command(String target) {
        return BridgeCommand.connect(Path.of("/opt/mcp-mtls"), target, "c", Path.of("/store"));
    }
}
