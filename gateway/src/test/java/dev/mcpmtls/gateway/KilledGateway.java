// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.process.ProcessGroups;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.gateway.process.ServerProcess;
import dev.mcpmtls.protocol.JsonRpcMessage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A program of its own that starts a stubborn server with a stubborn grandchild, and waits to be killed. */
final class KilledGateway {

    private KilledGateway() {}

    public static void main(String[] arguments) throws InterruptedException {
        ServerCommand command = new ServerCommand(
                List.of("node", arguments[0]),
                Map.of(
                        "STUBBORN",
                        "1",
                        "CHILD_PID_FILE",
                        arguments[1],
                        "STARTS",
                        arguments[2],
                        "START_DELAY",
                        arguments[3]),
                Set.of(),
                Optional.empty());
        ServerProcess.start("files", command, new ProcessGroups(), new Channel.Receiver() {
            @Override
            public void received(JsonRpcMessage message, @Nullable Object about) {}

            @Override
            public void failed(Object id, UpstreamFailure failure) {}

            @Override
            public void ended(UpstreamFailure why, boolean asked) {}
        });
        Thread.currentThread().join();
    }
}
