// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment.server;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityException;
import dev.mcpmtls.authority.EnrolmentAnswer;
import dev.mcpmtls.authority.EnrolmentAnswer.Granted;
import dev.mcpmtls.authority.EnrolmentAnswer.Refused;
import dev.mcpmtls.authority.SigningRequest;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.enrolment.CertsOnly;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operations of RFC 7030 that are offered. Each blocks, decides, and records before it answers. */
final class EstOperations {

    /** A request that was read. */
    record Read(String address, Optional<String> authorization, List<X509Certificate> presented, Buffer body) {}

    private static final Logger LOG = LoggerFactory.getLogger(EstOperations.class);
    private static final String BASIC = "Basic ";
    private static final int MOST_AUTHORIZATION = 512;

    /** An EC P-256 key and a signature with ECDSA and SHA-256 are suggested (RFC 7030, section 4.5.2); others are taken as well. */
    private static final byte[] ATTRIBUTES =
            HexFormat.of().parseHex("3021301506072a8648ce3d0201310a06082a8648ce3d03010706082a8648ce3d040302");

    private final Store store;
    private final Authority authority;
    private final Duration grace;
    private final AuditSink audit;
    private final InstantSource clock;

    EstOperations(Store store, Authority authority, Duration grace, AuditSink audit, InstantSource clock) {
        this.store = store;
        this.authority = authority;
        this.grace = grace;
        this.audit = audit;
        this.clock = clock;
    }

    /** Every trust anchor, and every certificate between one and the leaves. */
    Answer caCertificates() {
        return Answer.certificates(authority.enrolment().authorities());
    }

    Answer attributes() {
        return new Answer(
                200,
                "application/csrattrs",
                Buffer.buffer(CertsOnly.base64(ATTRIBUTES)),
                Map.of("Content-Transfer-Encoding", "base64"),
                false);
    }

    Answer revocationLists() {
        try {
            return Files.exists(store.revocationList())
                    ? Answer.of("application/x-pem-file", Files.readAllBytes(store.revocationList()))
                    : Answer.told(404, "no CRL is published yet");
        } catch (IOException e) {
            LOG.error("cannot read {}: {}", store.revocationList(), e.toString());
            return Answer.told(500, "the CRL cannot be read here");
        }
    }

    /** A first certificate, for an invitation. */
    Answer enrol(Read read) {
        Optional<String[]> credentials = read.authorization().flatMap(EstOperations::basic);
        if (credentials.isEmpty()) {
            return challenge(Answer.empty(401)); // BouncyCastle's client cannot go on after a challenge with a body
        }
        Optional<byte[]> secret = secret(credentials.get()[1]);
        if (secret.isEmpty()) {
            return refuse(
                    read,
                    new Refused(
                            EnrolmentAnswer.Cause.INVITATION_UNKNOWN,
                            Optional.empty(),
                            "the password is no secret of an invitation",
                            Optional.empty()));
        }
        String id = credentials.get()[0];
        return decide(read, "invitation " + id, request -> authority.enrolment().redeem(id, secret.get(), request));
    }

    /** The successor of the certificate that the client presents. */
    Answer reenrol(Read read) {
        if (read.presented().isEmpty()) {
            return unauthorized("present the certificate to renew in the TLS handshake")
                    .asRefusal();
        }
        X509Certificate leaf = read.presented().get(0);
        String by = "certificate " + leaf.getSerialNumber().toString(16);
        return decide(read, by, request -> authority.enrolment().renew(leaf, request, grace));
    }

    private interface Decision {
        EnrolmentAnswer on(SigningRequest request);
    }

    private Answer decide(Read read, String by, Decision decision) {
        SigningRequest request;
        try {
            request = SigningRequest.parse(der(read.body().getBytes()));
        } catch (IllegalArgumentException | AuthorityException.Refused e) {
            record(read, Optional.empty(), "REQUEST_MALFORMED", String.valueOf(e.getMessage()));
            return Answer.told(400, String.valueOf(e.getMessage())).asRefusal();
        }
        try {
            EnrolmentAnswer answer = decision.on(request);
            return answer instanceof Granted granted ? grant(read, by, granted) : refuse(read, (Refused) answer);
        } catch (AuthorityException.Refused e) {
            record(read, Optional.empty(), "REQUEST_REFUSED", String.valueOf(e.getMessage()));
            return Answer.told(403, e.problem(), e.remedy()).asRefusal();
        } catch (AuthorityException | AuditUnavailableException | CompletionException e) {
            LOG.error("cannot issue a certificate: {}", e.getMessage());
            return Answer.told(503, "the authority cannot issue certificates now; its operator's log says why")
                    .with("Retry-After", "30");
        }
    }

    private static byte[] der(byte[] body) {
        byte[] der;
        try {
            der = CertsOnly.decodeBase64(body);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the request is not base64 (RFC 8951, section 3): send a PKCS#10 in DER, in base64 without BEGIN and END lines",
                    e);
        }
        if (der.length == 0 || der[0] != 0x30) {
            throw new IllegalArgumentException("the request is no PKCS#10 in DER");
        }
        return der;
    }

    private Answer grant(Read read, String by, Granted granted) {
        X509Certificate leaf = granted.issuance().chain().leaf();
        BigInteger serial = leaf.getSerialNumber();
        await(new AuditEvent.EnrolmentGranted(clock.instant(), read.address(), by, granted.credential(), serial));
        LOG.info("{} enrolled from {} by {}", granted.credential(), read.address(), by);
        return Answer.certificates(List.of(leaf));
    }

    private Answer refuse(Read read, Refused refused) {
        record(read, refused.credential(), refused.cause().name(), refused.why());
        boolean isUnknown = refused.cause() == EnrolmentAnswer.Cause.INVITATION_UNKNOWN;
        Answer answer = Answer.told(isUnknown ? 401 : 403, refused.why(), refused.remedy());
        return (isUnknown ? challenge(answer) : answer).asRefusal();
    }

    private static Answer unauthorized(String why) {
        return challenge(Answer.told(401, why));
    }

    private static Answer challenge(Answer answer) {
        return answer.with("WWW-Authenticate", "Basic realm=\"the id and secret of an invitation\"");
    }

    /** Records a refusal; a log that cannot be written refuses as well. */
    void record(Read read, Optional<String> credential, String reason, String why) {
        await(new AuditEvent.EnrolmentRefused(clock.instant(), read.address(), credential, reason, why));
    }

    private void await(AuditEvent event) {
        audit.record(event).toCompletableFuture().join();
    }

    private static Optional<String[]> basic(String header) {
        if (!header.regionMatches(true, 0, BASIC, 0, BASIC.length()) || header.length() > MOST_AUTHORIZATION) {
            return Optional.empty();
        }
        try {
            String text = new String(
                    Base64.getDecoder().decode(header.substring(BASIC.length()).strip()), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0
                    ? Optional.empty()
                    : Optional.of(new String[] {text.substring(0, colon), text.substring(colon + 1)});
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<byte[]> secret(String password) {
        try {
            return Optional.of(Base64.getUrlDecoder().decode(password));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
