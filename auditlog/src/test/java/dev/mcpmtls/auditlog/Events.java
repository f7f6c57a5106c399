// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;

/** Events for tests of the log. */
final class Events {

    private Events() {}

    static AuditEvent revoked(int serial) {
        return new AuditEvent.CertificateRevoked(Instant.now(), "weather", BigInteger.valueOf(serial));
    }

    /** Its credential has no name, which the type forbids and nothing prevents. */
    @SuppressWarnings("NullAway")
    static AuditEvent thatCannotBeMade() {
        return new AuditEvent.CertificateRevoked(Instant.now(), null, BigInteger.ONE);
    }

    static AuditEvent refused(ConnectionFacts.Side side, String why) {
        ConnectionFacts connection = new ConnectionFacts(
                "00112233aabbccdd",
                side,
                new InetSocketAddress("127.0.0.1", 53210),
                Optional.of(new ConnectionFacts.Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", false)));
        return new AuditEvent.HandshakeFailed(
                Instant.parse("2026-11-22T10:00:00.120Z"), connection, "HANDSHAKE_TIMEOUT", why);
    }
}
