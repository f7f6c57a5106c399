// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.audit.RejectionLimit;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.runtime.settings.AuditKeys;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.LimitKeys;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.telemetry.Telemetry;
import dev.mcpmtls.servers.datetime.DatetimeServer;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.servers.gazetteer.Atlas;
import dev.mcpmtls.servers.openmeteo.OpenMeteo;
import dev.mcpmtls.servers.weather.Weather;
import dev.mcpmtls.servers.weather.WeatherServer;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.http.CannotListenException;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers of one process, over one audit log, with their health and metrics and the renewal of their credentials.
 *
 * <pre>{@code
 * Settings settings = Settings.load(Path.of("mcp-mtls.yaml"));
 * try (RunningServers running = RunningServers.start(settings, Keys.ECHO)) {
 *     System.out.println(running.member("echo").uri());
 * }
 * }</pre>
 *
 * <p>Nothing here prints or ends the process; SLF4J gets the log. A start that fails closes what it had started, and throws:
 *
 * <ul>
 *   <li>{@link SetupException} when a credential is missing, the store is another user's, or an address is taken;
 *   <li>{@link dev.mcpmtls.runtime.settings.BadSettingException} when a setting names a file that does not exist, or relaxed validation
 *       would listen beyond this machine;
 *   <li>{@link dev.mcpmtls.policy.BadPolicyException} when the access rules cannot be used;
 *   <li>{@link dev.mcpmtls.identity.UnusableCredentialException}, {@link dev.mcpmtls.authority.AuthorityException} and {@link
 *       dev.mcpmtls.audit.AuditUnavailableException} when what is there cannot be used.
 * </ul>
 *
 * <p>Thread-safe once it is started.
 */
public final class RunningServers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RunningServers.class);
    private static final Duration GRACE = Duration.ofSeconds(8);

    private final Settings settings;
    private final AuditLog audit;
    private final Runnable atEnd;
    private final AccessRules access;
    private final Monitoring monitoring;
    private final FileWatch watch;
    private final Telemetry telemetry;
    private final Upstreams upstreams;
    private final ServerTokens tokens;
    private final List<Member> members = new ArrayList<>();
    private final Set<String> monitored = new HashSet<>();
    private final Map<ListenAddress, Member> addresses = new HashMap<>();
    private final List<RejectionLimit> rejections = new ArrayList<>();
    private final List<RenewalRunner> renewing = new ArrayList<>();
    private boolean serving;

    /**
     * A server that listens.
     *
     * @param name as in the settings, for example {@code echo}
     */
    public record Member(String name, MtlsServerTransport transport, TlsProfile profile) {

        /** Where clients reach it, for example {@code https://localhost:8445/mcp}. */
        public URI uri() {
            return transport.uri();
        }
    }

    private RunningServers(
            Settings settings, AccessRules access, List<ServerEntry> entries, AuditLog audit, Runnable atEnd) {
        this.telemetry = Telemetry.start(settings);
        this.settings = settings;
        this.audit = audit;
        this.atEnd = atEnd;
        this.access = access;
        this.monitoring = new Monitoring(settings, audit);
        monitoring.console(audit, access, AccessRules.servers(settings, entries));
        monitoring.add(access);
        this.watch = new FileWatch(sink(), InstantSource.system());
        this.upstreams = new Upstreams(settings, watch, telemetry.observer());
        this.tokens = new ServerTokens(settings, watch);
    }

    /**
     * Starts all of them, or none, over the audit log that the settings name. Relaxed validation is for loopback addresses.
     * Credentials are renewed when the store has the authority that issued them and its key needs no passphrase.
     */
    public static RunningServers start(Settings settings, Keys.Server... servers) {
        List<Keys.Server> wanted = List.of(servers);
        wanted.forEach(server -> ConfiguredTrust.requireLoopbackWhenRelaxed(settings, server));
        wanted.forEach(
                server -> ConfiguredCredentials.require(settings, settings.get(server.credential()), Purpose.SERVER));
        AccessRules access = AccessRules.load(settings);
        AuditLog audit = Stores.audit(settings);
        return start(settings, access, wanted, List.of(), Optional.empty(), audit, audit::close);
    }

    /**
     * Starts all of them, or none, over an audit log of the caller's, which stays open. Relaxed validation may listen on any
     * address.
     *
     * @param passphrase of the authority's key, for renewals; wiped when this closes
     */
    public static RunningServers start(
            Settings settings, List<Keys.Server> wanted, Optional<Passphrase> passphrase, AuditLog audit) {
        return start(settings, wanted, List.of(), passphrase, audit);
    }

    /** As the other, with servers of the operator's own. */
    public static RunningServers start(
            Settings settings,
            List<Keys.Server> wanted,
            List<ServerEntry> entries,
            Optional<Passphrase> passphrase,
            AuditLog audit) {
        return start(settings, AccessRules.load(settings), wanted, entries, passphrase, audit, () -> {});
    }

    private static RunningServers start(
            Settings settings,
            AccessRules access,
            List<Keys.Server> wanted,
            List<ServerEntry> entries,
            Optional<Passphrase> passphrase,
            AuditLog audit,
            Runnable atEnd) {
        ServerEntry.requireApart(entries);
        RunningServers servers = new RunningServers(settings, access, entries, audit, atEnd);
        try {
            servers.access.watch(servers.watch, AccessRules.servers(settings, entries), servers.sink());
            // First, so that no server starts with a credential that could have been renewed.
            servers.keepRenewing(
                    Stream.concat(
                            wanted.stream().map(server -> settings.get(server.credential())),
                            entries.stream().map(ServerEntry::credential)),
                    passphrase);
            wanted.forEach(servers::start);
            entries.forEach(servers::start);
            servers.monitoring.start(servers.watch, audit);
            servers.serving = true;
            return servers;
        } catch (RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    /**
     * Refuses a server of the operator's own that cannot work, before anything is made for it.
     *
     * @throws BadSettingException when its program is not there, or its URL would be reached without TLS beyond this machine
     */
    public static void requireUsable(Settings settings, ServerEntry entry) {
        Upstreams.require(settings, entry);
    }

    /** The servers, in the order in which they were named. */
    public List<Member> members() {
        return List.copyOf(members);
    }

    /**
     * One of the servers.
     *
     * @throws IllegalArgumentException when it was not started
     */
    public Member member(String name) {
        return members.stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the server '" + name + "' was not started"));
    }

    /** Completes when every event loop of every server has taken a turn, for a watchdog; never while one is blocked. */
    public CompletableFuture<Void> pulse() {
        return CompletableFuture.allOf(
                members.stream().map(member -> member.transport.pulse()).toArray(CompletableFuture<?>[]::new));
    }

    /** Where health and metrics are, for example {@code http://127.0.0.1:9090}; empty when they are off. */
    public Optional<String> monitoringAddress() {
        return monitoring.address();
    }

    /**
     * Where the console is, for example {@code http://127.0.0.1:9443/console/#token=…}; empty when it is off. The token is a
     * secret: it opens the page on this machine.
     */
    public List<String> consoleAddresses() {
        return monitoring.consoleAddresses();
    }

    /** The access rules of all servers. */
    public AccessRules access() {
        return access;
    }

    /** Drains for as long as the settings say, accepts no new connections, waits up to 8 s for calls in flight, and closes. */
    @Override
    public void close() {
        if (serving) {
            settings.find(Keys.HEALTH_DRAIN).ifPresent(this::drain);
        }
        renewing.forEach(RenewalRunner::close);
        watch.close();
        CompletableFuture.allOf(members.stream()
                        .map(member -> member.transport.shutdown(GRACE))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
        upstreams.close();
        tokens.close();
        rejections.forEach(RejectionLimit::close);
        monitoring.close();
        telemetry.close();
        atEnd.run();
    }

    /** For the events of no server. */
    private AuditSink sink() {
        return monitoring.over(monitoring.counted(audit, ""));
    }

    private void drain(Duration time) {
        serving = false;
        log.info("draining for {} s: new connections should go elsewhere", time.toSeconds());
        monitoring.stopping();
        members.forEach(member -> member.transport.drain());
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keepRenewing(Stream<String> presented, Optional<Passphrase> passphrase) {
        Store store = Store.at(settings.get(Keys.DIR));
        // The commands that use the coordinator's credential do not run long enough to renew it.
        List<String> names = Stream.concat(presented, Stream.of(settings.get(Keys.COORDINATOR_CREDENTIAL)))
                .distinct()
                .filter(store.credentialNames()::contains)
                .toList();
        Optional<RenewalRunner> runner = RenewalRunner.start(
                store, passphrase, ConfiguredCredentials.renewalDefaults(settings), names, Surroundings.system(sink()));
        runner.ifPresentOrElse(
                renewing::add,
                () -> log.info(
                        "there is no authority in {}; the tool that issued the credentials has to renew them",
                        store.directory()));
    }

    private void start(Keys.Server server) {
        ListenAddress listen = settings.get(server.listen());
        Start start = new Start(
                server.name(), server.name() + "-mcp", settings.get(server.credential()), listen, ServerEntry.PATH);
        Started starting = starting(start, Optional.empty());
        MtlsServerTransport transport = starting.building()
                .nonBlocking(call -> true) // as ReadOnlyTool.Answerer wants it of every tool of these servers
                .build();
        Set<String> tools = serve(server, transport)
                .listTools()
                .map(Tool::name)
                .collect(Collectors.toSet())
                .block();
        listen(
                start,
                starting,
                transport,
                tools == null ? Set.of() : tools,
                server.listen().path());
    }

    private void start(ServerEntry entry) {
        Start start = new Start(entry.name(), entry.name(), entry.credential(), entry.listen(), entry.path());
        Started starting = starting(start, Optional.ofNullable(addresses.get(entry.listen())));
        Backend backend = upstreams.backend(entry, starting.sink());
        MtlsServerTransport transport = starting.building()
                .stateKey(GatewayKey.in(settings.inStore(settings.get(Keys.GATEWAY_KEY_FILE))))
                .backend(backend)
                .accessPolicy(upstreams.over(access.policy(), backend))
                .build();
        listen(start, starting, transport, Set.of(), "servers." + entry.name() + ".listen");
        if (entry.listen().port() != 0) {
            addresses.putIfAbsent(entry.listen(), members.get(members.size() - 1));
        }
        List<String> upstream =
                entry.source() instanceof ServerEntry.Combined combined ? combined.members() : List.of(entry.name());
        upstream.stream()
                .filter(monitored::add)
                .forEach(name -> monitoring.addProcesses(name, () -> upstreams.condition(name)));
    }

    /** A server to start: its own name, that in records, its credential and its address. */
    private record Start(String name, String recorded, String credential, ListenAddress listen, String path) {}

    private record Started(MtlsServerTransport.Builder building, TlsProfile profile, AuditSink sink) {}

    /** @param beside the server whose address it shares */
    private Started starting(Start start, Optional<Member> beside) {
        RejectionLimit limited = new RejectionLimit(
                monitoring.counted(audit.as(start.recorded()), start.recorded()),
                settings.get(AuditKeys.AUDIT_REJECTIONS),
                settings.get(AuditKeys.AUDIT_REJECTIONS_PER_ADDRESS),
                InstantSource.system());
        rejections.add(limited);
        AuditSink sink = monitoring.over(limited);
        TlsProfile profile = beside.map(Member::profile)
                .orElseGet(() -> TlsProfiles.watchedProfile(settings, start.credential(), watch, sink));
        MtlsServerTransport.Builder building = MtlsServerTransport.builder()
                .listen(start.listen().host(), start.listen().port())
                .tls(profile)
                .audit(sink)
                .name(start.name())
                .accessPolicy(access.policy())
                .limits(ServerLimits.of(settings))
                .calls(monitoring.calls())
                .observer(telemetry.observer())
                .allowedOrigins(new HashSet<>(settings.get(LimitKeys.ALLOWED_ORIGINS)));
        building.proxyProtocolFrom(settings.get(LimitKeys.PROXY_PROTOCOL_FROM));
        beside.ifPresent(member -> building.beside(member.transport()));
        building.path(start.path());
        settings.oauth(start.name())
                .map(oauth -> tokens.start(oauth, start.name(), start.listen(), start.path(), profile, sink))
                .ifPresent(building::accessTokens);
        if (!settings.get(LimitKeys.ALLOWED_HOSTS).isEmpty()) {
            building.allowedHosts(Set.copyOf(settings.get(LimitKeys.ALLOWED_HOSTS)));
        }
        return new Started(building, profile, sink);
    }

    private void listen(Start start, Started started, MtlsServerTransport transport, Set<String> tools, String key) {
        try {
            transport.start();
        } catch (CannotListenException e) {
            throw ListenFailure.of("the " + start.name() + " server", start.listen(), key, e);
        }
        TlsProfile profile = started.profile();
        Member member = new Member(start.name(), transport, profile);
        members.add(member);
        monitoring.add(member, start.recorded(), tools);
        settings.oauth(start.name()).ifPresent(oauth -> monitoring.addTokens(start.name(), oauth));
        monitoring.addFiles(start.name(), ConfiguredCredentials.location(settings, start.credential()));
        if (profile.verifier().policy().validation() == Validation.RELAXED) {
            Set<dev.mcpmtls.trust.Relaxation> relaxations =
                    profile.verifier().policy().relaxations();
            started.sink().record(new AuditEvent.RelaxedModeOn(Instant.now(), "server " + start.listen(), relaxations));
        }
    }

    private McpAsyncServer serve(Keys.Server server, MtlsServerTransport transport) {
        InstantSource clock = InstantSource.system();
        return switch (server.name()) {
            case "weather" -> {
                Weather.Provider provider = settings.get(Keys.WEATHER_PROVIDER);
                yield WeatherServer.over(transport, Weather.from(provider, OpenMeteo.publicService(clock), clock));
            }
            case "datetime" -> DatetimeServer.over(transport, Atlas.builtIn(), clock);
            default -> EchoServer.over(transport);
        };
    }
}
