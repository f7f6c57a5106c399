// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TrustReloadFailed;
import dev.mcpmtls.audit.AuditEvent.TrustReloaded;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustReloadTest {

    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path directory;

    private final Instant now = CLOCK.instant();
    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", now);
    private final Issued server = ca.server("weather");
    private final ChainVerifier verifier =
            new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), CLOCK);
    private final List<AuditEvent> events = new ArrayList<>();
    private final AuditSink audit = event -> {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    };

    private Path weather;
    private long nanoTime;

    @BeforeEach
    void load() {
        weather = server.writeTo(directory.resolve("weather"), ca.certificate());
    }

    @Test
    void trustsNewAnchorsBesideTheOldOnes() throws IOException {
        ThrowawayCa next = ThrowawayCa.root("Next CA", now);
        WatchedFiles anchors = anchors();
        assertThat(verdict(next.client("agent"))).isInstanceOf(Verdict.Rejected.class);
        Files.writeString(
                weather.resolve("ca.crt"),
                Files.readString(weather.resolve("ca.crt")) + Issued.pem("CERTIFICATE", encoded(next)));
        settle(anchors);
        assertThat(verdict(next.client("agent"))).isInstanceOf(Verdict.Accepted.class);
        assertThat(verdict(ca.client("agent"))).isInstanceOf(Verdict.Accepted.class);
        assertThat(events).last().isInstanceOf(TrustReloaded.class);
    }

    @Test
    void keepsTheLastGoodAnchorsWhenTheNewFileIsOfNoUse() throws IOException {
        WatchedFiles anchors = anchors();
        List<String> useless = List.of(
                "",
                "no certificate",
                Issued.pem("CERTIFICATE", server.leaf().getPublicKey().getEncoded()),
                Files.readString(weather.resolve("tls.crt")));
        for (String content : useless) {
            Files.writeString(weather.resolve("ca.crt"), content);
            settle(anchors);
            assertThat(verdict(ca.client("agent"))).isInstanceOf(Verdict.Accepted.class);
            assertThat(events)
                    .last()
                    .isInstanceOfSatisfying(
                            TrustReloadFailed.class,
                            failed -> assertThat(failed.why()).contains("ca.crt"));
        }
    }

    @Test
    void refusesAPeerOnceItIsOnTheRevocationList() {
        Path crl = ca.crl().writeTo(directory.resolve("crl.pem"));
        verifier.replacePolicy(verifier.policy()
                .withRevocation(Revocation.load(List.of(crl), Optional.empty(), Revocation.Mode.HARD_FAIL)));
        WatchedFiles lists = revocation(crl);
        Issued agent = ca.client("agent");
        assertThat(verdict(agent)).isInstanceOf(Verdict.Accepted.class);
        ca.crl().revoke(agent.leaf()).writeTo(crl);
        settle(lists);
        assertThat(verdict(agent)).isInstanceOf(Verdict.Rejected.class);
        assertThat(events).last().isInstanceOf(TrustReloaded.class);
    }

    @Test
    void stillRefusesARevokedPeerWhenTheListIsDamaged() throws IOException {
        Issued agent = ca.client("agent");
        Path crl = ca.crl().revoke(agent.leaf()).writeTo(directory.resolve("crl.pem"));
        verifier.replacePolicy(verifier.policy()
                .withRevocation(Revocation.load(List.of(crl), Optional.empty(), Revocation.Mode.SOFT_FAIL)));
        WatchedFiles lists = revocation(crl);
        Files.writeString(crl, "");
        settle(lists);
        assertThat(verdict(agent)).isInstanceOf(Verdict.Rejected.class);
        assertThat(events).last().isInstanceOf(TrustReloadFailed.class);
    }

    @Test
    void stillRefusesARevokedPeerWhenTheListIsAnOlderOne() {
        Issued agent = ca.client("agent");
        Path crl = ca.crl().number(7).revoke(agent.leaf()).writeTo(directory.resolve("crl.pem"));
        verifier.replacePolicy(verifier.policy()
                .withRevocation(Revocation.load(List.of(crl), Optional.empty(), Revocation.Mode.HARD_FAIL)));
        WatchedFiles lists = revocation(crl);
        ca.crl().number(6).writeTo(crl);
        settle(lists);
        assertThat(verdict(agent)).isInstanceOf(Verdict.Rejected.class);
        assertThat(events)
                .last()
                .isInstanceOfSatisfying(
                        TrustReloadFailed.class,
                        failed -> assertThat(failed.why()).contains("crl.pem", "number 6", "number 7"));
    }

    @Test
    void takesTheNewerListThatFollowsAnOlderOne() {
        Issued agent = ca.client("agent");
        Path crl = ca.crl().number(7).revoke(agent.leaf()).writeTo(directory.resolve("crl.pem"));
        verifier.replacePolicy(verifier.policy()
                .withRevocation(Revocation.load(List.of(crl), Optional.empty(), Revocation.Mode.HARD_FAIL)));
        WatchedFiles lists = revocation(crl);
        ca.crl().number(6).writeTo(crl);
        settle(lists);
        ca.crl().number(8).writeTo(crl);
        settle(lists);
        assertThat(verdict(agent)).isInstanceOf(Verdict.Accepted.class);
        assertThat(events).hasExactlyElementsOfTypes(TrustReloadFailed.class, TrustReloaded.class);
    }

    private WatchedFiles anchors() {
        List<Path> files = List.of(weather.resolve("ca.crt"));
        return new WatchedFiles(
                files,
                FileStamp.of(files),
                new TrustFiles(new AnchorFiles(verifier, AnchorSource.of(files), CLOCK), audit, CLOCK));
    }

    private WatchedFiles revocation(Path crl) {
        return new WatchedFiles(
                List.of(crl),
                FileStamp.of(List.of(crl)),
                new TrustFiles(new RevocationFiles(verifier, List.of(crl), CLOCK), audit, CLOCK));
    }

    private Verdict verdict(Issued agent) {
        return verifier.verifyClient(new Chain(agent.chain()));
    }

    private void settle(WatchedFiles files) {
        for (int i = 0; i < 3; i++) {
            nanoTime += Duration.ofMillis(400).toNanos();
            files.look(nanoTime);
        }
    }

    private static byte[] encoded(ThrowawayCa authority) {
        try {
            return authority.certificate().getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
