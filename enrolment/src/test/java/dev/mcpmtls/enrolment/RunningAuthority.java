// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Enrolment.NewInvitation;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.enrolment.server.EstServer;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.tls.reload.CredentialSource;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** An authority of the test's own that serves EST on loopback, with a clock that the test sets. */
final class RunningAuthority implements AutoCloseable {

    static final Duration GRACE = Duration.ofDays(7);

    final List<AuditEvent> events = new CopyOnWriteArrayList<>();
    final Clock clock = new Clock();
    final Surroundings surroundings;
    final Store store;
    final Authority authority;
    private final Duration deadline;
    private EstServer server;
    private final int port;

    /** A clock that stands still until it is set. */
    static final class Clock implements InstantSource {
        private volatile Instant now = Instant.now();

        @Override
        public Instant instant() {
            return now;
        }

        void advance(Duration time) {
            now = now.plus(time);
        }
    }

    RunningAuthority(Path directory) {
        this(directory, AuthorityProfile.Hierarchy.ROOT_ONLY, Duration.ofSeconds(5));
    }

    RunningAuthority(Path directory, AuthorityProfile.Hierarchy hierarchy, Duration deadline) {
        AuditSink sink = event -> {
            events.add(event);
            return CompletableFuture.completedFuture(null);
        };
        this.deadline = deadline;
        surroundings = new Surroundings(clock, new SecureRandom(), sink);
        store = Store.at(directory);
        Grant own = Grant.server("demo.local", "authority").withLifetime(Duration.ofDays(300));
        Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local").with(hierarchy),
                KeyType.EC_P256,
                List.of(own),
                Optional.empty(),
                surroundings);
        authority = Authority.open(store, Optional.empty(), surroundings);
        server = listen(0);
        port = server.port();
    }

    private EstServer listen(int at) {
        CredentialSource credential = CredentialSource.fixed(Credential.load(store.credential("authority")));
        return EstServer.start(
                new InetSocketAddress("127.0.0.1", at),
                new EstServer.Parts(store, authority, credential, GRACE, deadline, surroundings.audit(), clock));
    }

    void stop() {
        server.close();
    }

    /** On the same port as before. */
    void startAgain() {
        server = listen(port);
    }

    CompletableFuture<Void> pulse() {
        return server.pulse();
    }

    URI uri() {
        return URI.create("https://localhost:" + port);
    }

    Path anchors() {
        return store.credential("authority").resolve("ca.crt");
    }

    JoinToken invite(Grant grant) {
        return token(authority.enrolment().invite(grant, Duration.ofMinutes(15), 1));
    }

    JoinToken token(NewInvitation made) {
        return new JoinToken(
                uri(),
                PublicKeyPin.of(authority.anchors().certificates().get(0).getPublicKey()),
                made.invitation().id(),
                made.secret(),
                made.invitation().grant().name());
    }

    static Grant laptop() {
        return Grant.agent("demo.local", "laptop-7");
    }

    Join.Joined join(Path directory, JoinToken token) {
        return join(directory).with(token).run();
    }

    interface Joining {
        Join with(JoinToken token);
    }

    Joining join(Path directory) {
        return token -> new Join(Store.at(directory), token, Optional.empty(), KeyType.EC_P256, surroundings);
    }

    /** The reasons of the recorded refusals, in order. */
    List<String> refusals() {
        return events.stream()
                .filter(AuditEvent.EnrolmentRefused.class::isInstance)
                .map(event -> ((AuditEvent.EnrolmentRefused) event).reason())
                .toList();
    }

    @Override
    public void close() {
        server.close();
        authority.close();
    }
}
