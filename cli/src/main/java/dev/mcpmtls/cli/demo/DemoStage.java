// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.demo;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.auditlog.AuditReader;
import dev.mcpmtls.auditlog.AuditRecord;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.cli.cert.InitCommand;
import dev.mcpmtls.cli.client.AskCommand;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.coordinator.Answer;
import dev.mcpmtls.coordinator.Coordinator;
import dev.mcpmtls.coordinator.ToolServer;
import dev.mcpmtls.coordinator.rules.RulePlanner;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.ConsoleKeys;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** Everything the demo needs: a store, servers on free ports, and callers good and bad. All parts are real. */
final class DemoStage implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String EXPIRED = "expired";

    private static final String RULES_FILE = "demo-policy.yaml";

    /** Nothing vouches for the callers of the relaxed server, so the first rule has to believe them. */
    static final String RULES = """
        rules:
          - name: our-agents
            peers: ["spiffe://TRUST-DOMAIN/agent/**"]
            methods: ["*"]
            assurance: claimed
          - name: no-conversions
            effect: deny
            tools: ["convert*"]
        """;

    private final Invocation invocation;
    private final Map<Key<?>, String> flags = new HashMap<>();
    private final Settings stored;
    private final Settings settings;
    private final AuditLog audit;
    private final AuditLog clientAudit;
    private final List<RunningServers> running = new ArrayList<>();

    DemoStage(Invocation invocation, Path directory) {
        this.invocation = invocation;
        flags.put(Keys.DIR, directory.toString());
        flags.put(TlsKeys.VALIDATION, "strict");
        flags.put(TlsKeys.RELAX, "");
        flags.put(Keys.WEATHER_PROVIDER, "simulated");
        Keys.SERVERS.forEach(server -> flags.put(server.listen(), "127.0.0.1:0"));
        this.stored = invocation.settings(flags);
        flags.put(Keys.ACCESS_FILE, RULES_FILE); // another than the store's own
        this.settings = invocation.settings(flags);
        this.audit = Stores.audit(settings);
        this.clientAudit = Stores.clientAudit(settings, "coordinator");
    }

    /** Makes the authority and all credentials, one of which is valid for a second only. */
    void makeCertificates() {
        Surroundings surroundings = Surroundings.system(audit);
        InitCommand.initialise(stored, AuthorityProfile.Hierarchy.ROOT_ONLY, Optional.empty(), surroundings);
        writeRules();
        Store store = Store.at(settings.get(Keys.DIR));
        try (Authority authority = Authority.open(store, Optional.empty(), surroundings)) {
            Grant grant = Grant.agent(settings.get(Keys.TRUST_DOMAIN), EXPIRED).withLifetime(Duration.ofSeconds(1));
            authority.issueIfMissing(grant, KeyType.EC_P256);
        }
    }

    private void writeRules() {
        String text = RULES.replace("TRUST-DOMAIN", settings.get(Keys.TRUST_DOMAIN));
        try {
            OwnedFiles.replace(
                    settings.inStore(Path.of(RULES_FILE)),
                    text.getBytes(StandardCharsets.UTF_8),
                    OwnedFiles.Readers.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts weather, datetime and echo.
     *
     * @param hasConsole whether there is a page that shows them
     */
    RunningServers startServers(boolean hasConsole) {
        Map<Key<?>, String> with = new HashMap<>(flags);
        if (hasConsole) {
            with.put(ConsoleKeys.CONSOLE_ENABLED, "true");
            with.put(Keys.HEALTH_LISTEN, "127.0.0.1:0");
        }
        start(invocation.settings(with), Keys.SERVERS);
        return running.get(running.size() - 1);
    }

    /** Starts one more echo server, with relaxed validation and no relaxation named, so that all are allowed. */
    RunningServers.Member startRelaxedServer() {
        Map<Key<?>, String> relaxed = new HashMap<>(flags);
        relaxed.put(TlsKeys.VALIDATION, "relaxed");
        return start(invocation.settings(relaxed), List.of(Keys.ECHO)).get(0);
    }

    /** Serves a program that knows nothing of TLS, with the echo server's credential. */
    RunningServers.Member serveUnprotected() {
        List<String> words = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                UnprotectedServer.class.getName());
        ServerEntry.Command command = new ServerEntry.Command(
                words,
                ServerEntry.Command.MODES.get(0),
                ServerEntry.Command.MAX_PROCESSES,
                Map.of(),
                Set.of(),
                Optional.empty());
        ServerEntry entry = new ServerEntry(
                "greeter",
                ListenAddress.parse("127.0.0.1:0"),
                ServerEntry.PATH,
                settings.get(Keys.ECHO.credential()),
                command,
                ServerEntry.Terms.STANDARD,
                "demo");
        return start(RunningServers.start(settings, List.of(), List.of(entry), Optional.empty(), audit))
                .get(0);
    }

    private List<RunningServers.Member> start(Settings with, List<Keys.Server> servers) {
        return start(RunningServers.start(with, servers, Optional.empty(), audit));
    }

    private List<RunningServers.Member> start(RunningServers started) {
        running.add(started);
        return started.members();
    }

    Answer ask(String question, List<RunningServers.Member> members) {
        TlsProfile profile = profile(coordinator());
        List<ToolServer> servers = members.stream()
                .map(member -> AskCommand.server(
                        member.name(),
                        member.transport().uri(),
                        profile,
                        Optional.empty(),
                        TIMEOUT,
                        Observer.NONE,
                        TokenSource.NONE))
                .toList();
        try (Coordinator coordinator = new Coordinator(new RulePlanner(), servers)) {
            return coordinator.ask(question, TIMEOUT);
        }
    }

    /** A credential of our authority for one more agent. */
    Credential agent(String name) {
        Store store = Store.at(settings.get(Keys.DIR));
        try (Authority authority = Authority.open(store, Optional.empty(), Surroundings.system(audit))) {
            authority.issueIfMissing(Grant.agent(settings.get(Keys.TRUST_DOMAIN), name), KeyType.EC_P256);
        }
        return ConfiguredCredentials.named(settings, name);
    }

    /** The SPIFFE ID of a server. */
    String server(String name) {
        return "spiffe://" + settings.get(Keys.TRUST_DOMAIN) + "/server/" + name;
    }

    Credential coordinator() {
        return ConfiguredCredentials.named(settings, settings.get(Keys.COORDINATOR_CREDENTIAL));
    }

    /** A credential of our authority that was valid for one second; waits until it has expired. */
    Credential expired() {
        Credential expired = ConfiguredCredentials.named(settings, EXPIRED);
        Instant end = expired.chain().leaf().getNotAfter().toInstant();
        while (!Instant.now().isAfter(end)) {
            LockSupport.parkNanos(Duration.between(Instant.now(), end).toNanos());
        }
        return expired;
    }

    /** The coordinator's, with one bit of its signature changed. */
    Credential corrupted() {
        Credential good = coordinator();
        try {
            byte[] encoding = good.chain().leaf().getEncoded();
            encoding[encoding.length - 1] ^= 1;
            return Credential.of("corrupted", good.privateKey(), Chain.parse(List.of(encoding)));
        } catch (CertificateException e) {
            throw new IllegalStateException("one bit of a signature does not make a certificate unreadable", e);
        }
    }

    /** The same name from another authority. */
    Credential stranger() {
        Map<Key<?>, String> elsewhere = new HashMap<>(flags);
        elsewhere.put(Keys.DIR, settings.inStore(Path.of("strangers")).toString());
        Settings theirs = invocation.settings(elsewhere);
        try (AuditLog log = Stores.audit(theirs)) {
            InitCommand.initialise(
                    theirs, AuthorityProfile.Hierarchy.ROOT_ONLY, Optional.empty(), Surroundings.system(log));
        }
        return ConfiguredCredentials.named(theirs, theirs.get(Keys.COORDINATOR_CREDENTIAL));
    }

    /** A client that presents a credential and trusts our authority, strictly. */
    TlsProfile profile(Credential credential) {
        return profile(credential, settings.get(TlsKeys.ENGINE), clientAudit);
    }

    /** As {@link #profile(Credential)}, for {@code connect}. */
    TlsProfile profile(Credential credential, ServerWatch watch) {
        return profile(credential, TlsEngine.JDK, watch);
    }

    /** A watch whose events go to the clients' audit log. */
    ServerWatch watch() {
        return new ServerWatch(clientAudit);
    }

    private TlsProfile profile(Credential credential, TlsEngine engine, AuditSink sink) {
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(anchors()), InstantSource.system());
        return TlsProfile.builder(CredentialSource.fixed(credential), verifier)
                .engine(engine)
                .audit(sink)
                .build();
    }

    TrustAnchors anchors() {
        String coordinator = settings.get(Keys.COORDINATOR_CREDENTIAL);
        return TrustAnchors.load(
                ConfiguredCredentials.location(settings, coordinator).resolve("ca.crt"));
    }

    Path auditFile() {
        return Stores.auditFile(settings);
    }

    /** The records that the servers have written since a record; each is written before the peer learns its outcome. */
    List<AuditRecord> recordedAfter(long sequence) {
        List<AuditRecord> records = new ArrayList<>();
        new AuditReader(auditFile()).read(record -> {
            if (record.sequence() > sequence) {
                records.add(record);
            }
        });
        return records;
    }

    @Override
    public void close() {
        running.forEach(RunningServers::close);
        audit.close();
        clientAudit.close();
    }
}
