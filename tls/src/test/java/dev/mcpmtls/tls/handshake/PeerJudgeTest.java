// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.security.cert.Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The name that is expected of a server, by the host that was dialled. */
class PeerJudgeTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA");
    private final Issued server = ca.server(
            "weather", spec -> spec.dns("weather.example").ip("192.0.2.255").ip("2001:db8::1"));
    private final PeerJudge judge = new PeerJudge(
            Side.CLIENT,
            new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system()),
            Optional.empty());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "weather.example",
                "WEATHER.example",
                "192.0.2.255",
                "2001:db8::1",
                "[2001:db8::1]",
                "2001:DB8:0:0:0:0:0:1"
            })
    void acceptsAServerThatOwnsTheName(String dialled) throws RefusedPeerException {
        assertThat(judge.judge(presented(), dialled).chain().leaf()).isEqualTo(server.leaf());
    }

    @ParameterizedTest
    @ValueSource(strings = {"other.example", "192.0.2.25", "2001:db8::2", "[2001:db8::2]", "192.0.2"})
    void refusesAServerOfAnotherName(String dialled) {
        assertThatThrownBy(() -> judge.judge(presented(), dialled))
                .isInstanceOfSatisfying(
                        RefusedPeerException.class,
                        refused ->
                                assertThat(refused.findings().get(0).reason()).isEqualTo(Reason.NAME_MISMATCH));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2001:db8::g", "192.0.2.255:443"})
    void looksNothingUpThatIsNeitherNameNorAddress(String dialled) {
        assertThatThrownBy(() -> judge.judge(presented(), dialled)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAServerWithoutACertificate() {
        assertThatThrownBy(() -> judge.judge(null, "weather.example"))
                .isInstanceOfSatisfying(
                        RefusedPeerException.class,
                        refused ->
                                assertThat(refused.findings().get(0).reason()).isEqualTo(Reason.NO_CERTIFICATE));
    }

    private Certificate[] presented() {
        return server.chain().toArray(new Certificate[0]);
    }
}
