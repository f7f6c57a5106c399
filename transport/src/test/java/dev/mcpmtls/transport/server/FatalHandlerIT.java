// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.caller.Limits;
import org.junit.jupiter.api.Test;

/** Handlers that end with what Reactor calls fatal, which it reports to no subscriber. */
class FatalHandlerIT {

    private static final Limits ONE_AT_A_TIME = Limits.defaults().inFlightPerIdentity(1);

    /** As of a server that is built without {@code immediateExecution}. */
    @Test
    void isAnsweredAndReleasesItsSlotAlsoOnAThreadOfReactors() throws Exception {
        try (Station station = Station.open(
                settings -> settings.limits(ONE_AT_A_TIME),
                server -> Station.tool("fatal", (exchange, call) -> {
                            throw new NoClassDefFoundError("gone");
                        })
                        .apply(Station.who().apply(server.immediateExecution(false))))) {
            Agent alice = station.agent("alice");
            String session = alice.initialize();

            for (int i = 1; i <= 3; i++) {
                assertThat(code(alice.send(alice.modernCall("fatal", "")))).isEqualTo(-32603);
                assertThat(code(alice.send(alice.legacy(session, Agent.call(i, "fatal")))))
                        .isEqualTo(-32603);
            }
            assertThat(alice.send(alice.modernCall("who", ""))
                            .json()
                            .at("/result/content/0/text")
                            .asString())
                    .endsWith("/agent/alice");
        }
    }

    private static int code(Agent.Answer answer) {
        return answer.json().at("/error/code").asInt();
    }
}
