// SPDX-License-Identifier: Apache-2.0
package rival;

import io.quarkiverse.mcp.server.Tool;
import io.quarkiverse.mcp.server.ToolArg;

public class EchoTool {
    @Tool(name = "echo", description = "Echoes the text")
    String echo(@ToolArg(description = "what to echo") String text) {
        return text;
    }
}
