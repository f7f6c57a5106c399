// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.console.Console;
import dev.mcpmtls.console.source.AuditSource;
import dev.mcpmtls.console.source.RulesSource;
import dev.mcpmtls.console.source.ServerSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.source.UpstreamSource;
import dev.mcpmtls.console.web.ConsoleRequests;
import dev.mcpmtls.console.web.Token;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.metrics.AuditWatch;
import dev.mcpmtls.metrics.Health;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.ConsoleKeys;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.Load;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.Purpose;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The console of this process: on loopback behind a token, over mutual TLS for listed peers, or both. */
final class ConsoleServing implements AutoCloseable {

    private static final String NAME = "console";

    private final Settings settings;
    private final Console console;
    private final Optional<ListenAddress> remote;
    private final Token token = Token.random();
    private Optional<ConsoleListener> listener = Optional.empty();

    private ConsoleServing(Settings settings, Console console) {
        this.settings = settings;
        this.console = console;
        this.remote = settings.find(ConsoleKeys.CONSOLE_LISTEN);
    }

    /**
     * The console, if the settings want one.
     *
     * @param servers the names that access rules may use for servers
     * @throws BadSettingException when it would be on an address where other users could try its token, or for no peer
     */
    static Optional<ConsoleServing> of(
            Settings settings,
            AuditLog audit,
            AuditWatch watch,
            Health health,
            AccessRules rules,
            Set<String> servers) {
        require(settings);
        if (!isOnLoopback(settings) && settings.find(ConsoleKeys.CONSOLE_LISTEN).isEmpty()) {
            return Optional.empty();
        }
        String version = ConsoleServing.class.getPackage().getImplementationVersion();
        Sources sources = new Sources(
                version == null ? "development" : version,
                InstantSource.system(),
                health,
                new RulesSource(rules.policy(), rules::summary, servers),
                new AuditSource(audit.path(), watch, () -> audit.status().lost()));
        return Optional.of(new ConsoleServing(settings, new Console(sources)));
    }

    /** Where health, metrics and the console are on this machine; the standard address when only the console is wanted. */
    static Optional<ListenAddress> localAddress(Settings settings) {
        return settings.find(Keys.HEALTH_LISTEN)
                .or(() -> isOnLoopback(settings) ? Optional.of(ConsoleKeys.STANDARD) : Optional.empty());
    }

    private static boolean isOnLoopback(Settings settings) {
        return settings.get(ConsoleKeys.CONSOLE_ENABLED);
    }

    private static void require(Settings settings) {
        if (isOnLoopback(settings)) {
            localAddress(settings)
                    .filter(listen -> !ConfiguredTrust.isLoopback(listen))
                    .ifPresent(listen -> {
                        throw new BadSettingException("cannot serve the console at " + listen + " ("
                                + Keys.HEALTH_LISTEN.path() + "): it is not an address of this machine alone; "
                                + "listen on 127.0.0.1, or serve the page over mutual TLS with console.listen");
                    });
        }
        boolean isRemote = settings.find(ConsoleKeys.CONSOLE_LISTEN).isPresent();
        boolean hasPeers = !settings.get(ConsoleKeys.CONSOLE_PEERS).isEmpty();
        boolean hasCredential = settings.find(ConsoleKeys.CONSOLE_CREDENTIAL).isPresent();
        if (isRemote && !hasPeers) {
            throw new BadSettingException("console.listen needs console.peers: without it, no peer may read the page; "
                    + "name those that may, for example console.peers: [\"spiffe://"
                    + Stores.trustDomain(settings) + "/agent/admin\"]");
        }
        if (isRemote && !hasCredential) {
            throw new BadSettingException("console.listen needs console.credential, which the page presents; "
                    + "name a server's credential, for example console.credential: weather");
        }
        if (!isRemote && (hasPeers || hasCredential)) {
            throw new BadSettingException("console.peers and console.credential have no effect without console.listen; "
                    + "set it, or remove them");
        }
    }

    /** Counts what a sink passes on. */
    AuditSink over(AuditSink log, String server) {
        return console.over(log, server);
    }

    /** Counts the end of a call. */
    void ended(Call call, Duration took) {
        console.ended(call, took);
    }

    /** Shows a server. */
    void add(String entry, String recorded, MtlsServerTransport transport, TlsProfile profile, Set<String> tools) {
        console.sources()
                .add(new ServerSource(
                        recorded,
                        entry,
                        transport.uri(),
                        List.copyOf(tools),
                        profile.verifier(),
                        new ServerSource.Presented(
                                profile.credential().name(),
                                () -> profile.credential().chain()),
                        () -> profile.staple(profile.credential()),
                        () -> numbers(transport.load())));
    }

    private static Map<String, Long> numbers(Load load) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        numbers.put("connections", (long) load.connections());
        numbers.put("sessions", (long) load.sessions());
        numbers.put("tasks", (long) load.tasks());
        numbers.put("requestsInFlight", (long) load.requestsInFlight());
        numbers.put("requestsArriving", (long) load.requestsArriving());
        numbers.put("requestBytes", load.requestBytes());
        numbers.put("answerBytes", load.answerBytes());
        numbers.put("stalledReaders", load.stalledReaders());
        numbers.put("refusalsReset", load.refusalsReset());
        numbers.put("unreadRefusals", (long) load.unreadRefusals());
        return numbers;
    }

    /** Shows the processes of a server. */
    void addProcesses(String server, Supplier<Optional<ProcessUpstream.Condition>> condition) {
        console.sources()
                .add(new UpstreamSource(
                        server,
                        () -> condition.get().map(now -> new UpstreamSource.Condition(now.isTroubled(), now.words()))));
    }

    /** Answers the requests of the loopback listener that are for the page. */
    Predicate<HttpServerRequest> local() {
        if (!isOnLoopback(settings)) {
            return request -> false;
        }
        return console.requests(token)::answers;
    }

    /** Listens over mutual TLS, if the settings want that. */
    void start(FileWatch watch, AuditSink sink) {
        remote.ifPresent(at -> {
            String credential = settings.get(ConsoleKeys.CONSOLE_CREDENTIAL);
            ConfiguredCredentials.require(settings, credential, Purpose.SERVER);
            TlsProfile profile = TlsProfiles.watchedProfile(settings, credential, watch, sink);
            listener = Optional.of(
                    ConsoleListener.start(at, profile, settings.get(ConsoleKeys.CONSOLE_PEERS), console::requests));
        });
    }

    /** The name under which the page's own connections are recorded. */
    static String recordedAs() {
        return NAME;
    }

    /**
     * Where the page is; the address on loopback holds the token.
     *
     * @param local the address of the loopback listener
     */
    List<String> addresses(Optional<String> local) {
        List<String> addresses = new ArrayList<>();
        local.filter(any -> isOnLoopback(settings))
                .ifPresent(at -> addresses.add(at + ConsoleRequests.PATH + "#token=" + token.reveal()));
        listener.ifPresent(open -> addresses.add(open.uri() + ConsoleRequests.PATH));
        return addresses;
    }

    @Override
    public void close() {
        listener.ifPresent(ConsoleListener::close);
        console.close();
    }
}
