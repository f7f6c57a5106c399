// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.auditlog.Wording.Worded;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A peer and a connection that events are about, and the events as a reader of the log gets them. */
final class EventFixture {

    static final Instant NOW = Instant.now();
    static final ThrowawayCa CA = ThrowawayCa.root("Throwaway", NOW);
    static final Issued CLIENT = CA.client("coordinator");
    static final Chain CHAIN = new Chain(CLIENT.chain());
    static final TrustPolicy STRICT = TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate())));
    static final ConnectionFacts CONNECTION = new ConnectionFacts(
            "00112233aabbccdd",
            ConnectionFacts.Side.SERVER,
            new InetSocketAddress("127.0.0.1", 53210),
            Optional.of(new ConnectionFacts.Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", true)));

    private EventFixture() {}

    /** The fields as a reader of the log gets them. */
    static Map<String, String> fields(AuditEvent event) {
        Lines lines = new Lines();
        lines.add(new Wording().of(event, "mcp-mtls"), ChainEnd.GENESIS);
        return AuditRecord.parse(StandardCharsets.US_ASCII
                        .decode(lines.view())
                        .toString()
                        .strip())
                .orElseThrow()
                .fields();
    }

    static Peer accepted(TrustPolicy policy) {
        Verdict verdict = new ChainVerifier(policy, InstantSource.fixed(NOW)).verifyClient(CHAIN);
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).peer();
    }

    static String text(Worded record) {
        return new String(record.words(), StandardCharsets.US_ASCII)
                + new String(record.counterpart(), StandardCharsets.US_ASCII);
    }
}
