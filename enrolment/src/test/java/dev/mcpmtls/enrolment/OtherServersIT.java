// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.RenewalDefaults;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.TrustAnchors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Renewal at an EST server that is not ours. */
@Timeout(60)
class OtherServersIT {

    private static final String NAME = "laptop-7";

    @TempDir
    private Path directory;

    private final List<AuditEvent> events = new CopyOnWriteArrayList<>();
    private final RunningAuthority.Clock clock = new RunningAuthority.Clock();
    private final AuditSink sink = event -> {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    };
    private final Surroundings surroundings = new Surroundings(clock, new SecureRandom(), sink);
    private OtherEstServer server;
    private Store store;
    private RenewalDefaults settings;

    @BeforeEach
    void start() throws Exception {
        server = new OtherEstServer(Files.createDirectories(directory.resolve("est")));
        store = Store.at(directory.resolve("store"));
        Credential first = first();
        Optional<java.net.URI> est = Optional.of(server.uri());
        settings = new RenewalDefaults(est, false);
        assertThat(first.name()).isEqualTo(NAME);
    }

    /** As {@code join} would leave it, but for the file that says where it is renewed. */
    private Credential first() throws Exception {
        Path files = directory.resolve("first/" + NAME);
        server.writeCredential(files);
        Credential first = Credential.load(files);
        byte[] key = Files.readAllBytes(files.resolve("tls.key"));
        TrustAnchors anchors = TrustAnchors.load(files.resolve("ca.crt"));
        store.install(
                NAME, new dev.mcpmtls.authority.Issuance(first.chain(), anchors), key, RenewalSource.of(server.uri()));
        Files.delete(store.credential(NAME).resolve("renewal"));
        return first;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void renewsWithTheSettingAlone() {
        X509Certificate before = leaf();
        look();
        assertThat(leaf()).as("not due yet").isEqualTo(before);
        clock.advance(Duration.ofHours(23));
        look();

        X509Certificate after = leaf();
        assertThat(after.getSerialNumber()).isNotEqualTo(before.getSerialNumber());
        assertThat(after.getPublicKey()).isEqualTo(before.getPublicKey());
        assertThat(chain()).as("with the intermediate").hasSize(2);
        assertThat(TrustAnchors.load(store.credential(NAME).resolve("ca.crt")).certificates())
                .hasSize(1);
        assertThat(server.asked)
                .anyMatch(line -> line.startsWith("POST /.well-known/est/agents/simplereenroll CN=laptop-7"))
                .anyMatch(line -> line.contains("Subject: CN = laptop-7")
                        && line.contains("URI:spiffe://other.example/agent/laptop-7"));
    }

    @Test
    void renewsWithAnotherKeyByOption() {
        X509Certificate before = leaf();
        clock.advance(Duration.ofHours(23));
        settings = new RenewalDefaults(settings.est(), true);
        look();
        assertThat(leaf().getPublicKey()).isNotEqualTo(before.getPublicKey());
        assertThat(store.directory().resolve(".joining")).doesNotExist();
    }

    /** RFC 7030, section 4.2.3: the client waits at least as long, and repeats the same request. */
    @Test
    void anAnswerThatComesLaterIsWaitedForWithTheSameKey() {
        X509Certificate before = leaf();
        server.turns.add(OtherEstServer.Turn.LATER);
        clock.advance(Duration.ofHours(23));
        settings = new RenewalDefaults(settings.est(), true);
        try (RenewalRunner runner = runner()) {
            assertThat(runner).isNotNull();
            assertThat(leaf()).isEqualTo(before);
            assertThat(failure()).contains("has not decided yet").contains("try again in 120 seconds");
            PublicKey pending = pending();
            clock.advance(Duration.ofSeconds(121));
            await(() -> !leaf().equals(before));
            assertThat(leaf().getPublicKey()).isEqualTo(pending);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "REDIRECT, refuses: status 307",
        "OTHER_KEY, the certificate is not for our key",
        "NOT_BASE64, not base64",
        "HTML, text/html"
    })
    void anAnswerThatCannotBeUsedChangesNothingAndIsSaid(OtherEstServer.Turn turn, String told) {
        X509Certificate before = leaf();
        server.turns.add(turn);
        clock.advance(Duration.ofHours(23));
        look();
        assertThat(leaf()).isEqualTo(before);
        assertThat(failure()).contains(told);
        look();
        assertThat(leaf()).isNotEqualTo(before);
    }

    @Test
    void aServerOfAnotherAuthorityIsAskedNothing() throws Exception {
        try (OtherEstServer stranger = new OtherEstServer(Files.createDirectories(directory.resolve("stranger")))) {
            assertThatThrownBy(() ->
                            new EstRenewal().renew(store, NAME, RenewalSource.of(stranger.uri()), leaf(), surroundings))
                    .isInstanceOf(EnrolmentException.NotTheAuthority.class);
            assertThat(stranger.asked).isEmpty();
        }
    }

    private void look() {
        runner().close();
    }

    private RenewalRunner runner() {
        return RenewalRunner.start(store, Optional.empty(), settings, List.of(NAME), surroundings)
                .orElseThrow();
    }

    private static void await(java.util.function.BooleanSupplier done) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!done.getAsBoolean() && System.nanoTime() < end) {
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
        assertThat(done.getAsBoolean()).isTrue();
    }

    private PublicKey pending() {
        return PendingKey.in(
                        store,
                        "renewal-" + NAME,
                        () -> {
                            throw new AssertionError("no key is kept");
                        },
                        NAME)
                .key()
                .publicKey();
    }

    private X509Certificate leaf() {
        return chain().get(0);
    }

    private List<X509Certificate> chain() {
        return Credential.load(store.credential(NAME)).chain().certificates();
    }

    private String failure() {
        return events.stream()
                .filter(AuditEvent.RenewalFailed.class::isInstance)
                .map(event -> ((AuditEvent.RenewalFailed) event).why())
                .reduce((before, after) -> after)
                .orElseThrow();
    }
}
