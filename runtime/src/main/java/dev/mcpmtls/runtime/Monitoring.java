// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.metrics.AuditWatch;
import dev.mcpmtls.metrics.Health;
import dev.mcpmtls.metrics.Metrics;
import dev.mcpmtls.metrics.MonitoringServer;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.LimitKeys;
import dev.mcpmtls.runtime.settings.OauthEntry;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.Load;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.call.CallListener;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Health, metrics and the console of the servers of this process; off, and free of cost, unless {@code health.listen} or a console is set.
 */
final class Monitoring implements AutoCloseable {

    private Optional<ListenAddress> listen;
    private final Set<String> names;
    private final AuditWatch watch = new AuditWatch();
    private final Metrics metrics = new Metrics().audit(watch);
    private final Health health = new Health(InstantSource.system());
    private final Settings settings;
    private Optional<MonitoringServer> server = Optional.empty();
    private Optional<ConsoleServing> console = Optional.empty();

    Monitoring(Settings settings, AuditLog audit) {
        this.settings = settings;
        this.listen = settings.find(Keys.HEALTH_LISTEN);
        if (audit.isOff()) {
            health.auditOff();
        } else {
            health.audit(watch);
        }
        metrics.gauge(
                "audit.kept",
                "Whether an audit log is kept: 1, or 0 when audit.file is off",
                audit,
                log -> log.isOff() ? 0 : 1);
        this.names = Set.copyOf(settings.get(LimitKeys.ALLOWED_HOSTS));
        metrics.gauge(
                "audit.lost",
                "Records that could not be written since the start",
                audit,
                log -> log.status().lost());
    }

    /**
     * Has the console, if the settings want one, see what {@link #counted} passes on.
     *
     * @param servers the names that access rules may use for servers
     */
    void console(AuditLog audit, AccessRules rules, Set<String> servers) {
        console = ConsoleServing.of(settings, audit, watch, health, rules, servers);
        listen = ConsoleServing.localAddress(settings);
    }

    /** The sink to record to instead of {@code log}. */
    AuditSink over(AuditSink log) {
        return isOff() ? log : AuditSink.fanOut(watch.over(log), List.of(metrics, health));
    }

    /**
     * The log whose records the console counts.
     *
     * @param server the name under which it records; empty for events of no server
     */
    AuditSink counted(AuditSink log, String server) {
        return console.map(page -> page.over(log, server)).orElse(log);
    }

    private boolean isOff() {
        return listen.isEmpty() && console.isEmpty();
    }

    CallListener calls() {
        if (isOff()) {
            return (call, took) -> {};
        }
        return console.<CallListener>map(page -> (call, took) -> {
                    metrics.callTook(call, took);
                    page.ended(call, took);
                })
                .orElse(metrics::callTook);
    }

    /** Shows a server, whose tools are counted by name. */
    void add(RunningServers.Member member, String serverName, Set<String> tools) {
        MtlsServerTransport transport = member.transport();
        console.ifPresent(page -> page.add(member.name(), serverName, transport, member.profile(), tools));
        health.trust(member.name(), member.profile().verifier());
        metrics.trust(serverName, member.profile().verifier()).tools(serverName, tools);
        show("connections.open", "Connections of accepted peers", transport, serverName, Load::connections);
        show("sessions.open", "Legacy MCP sessions", transport, serverName, Load::sessions);
        show("tasks.open", "Tasks that run, or whose outcome is kept", transport, serverName, Load::tasks);
        show(
                "requests.arriving",
                "Requests whose bodies have not arrived",
                transport,
                serverName,
                Load::requestsArriving);
        show(
                "requests.in.flight",
                "Requests that are handled or whose answers are being sent",
                transport,
                serverName,
                Load::requestsInFlight);
        show("requests.bytes", "Bytes of request bodies that await answers", transport, serverName, Load::requestBytes);
        show("answers.bytes", "Bytes of answers that wait to be read", transport, serverName, Load::answerBytes);
        show("refusals.unread", "Refusals that wait to be read", transport, serverName, Load::unreadRefusals);
        show("refusals.reset", "Requests reset since the start", transport, serverName, Load::refusalsReset);
        show(
                "readers.stalled",
                "Clients disconnected since the start because they stopped reading",
                transport,
                serverName,
                Load::stalledReaders);
    }

    /** Shows the access rules. */
    void add(AccessRules rules) {
        health.access(rules::summary, rules::trouble);
    }

    /** Looks at the files on which a server's trust rests. */
    void addFiles(String server, Path credential) {
        health.files(server, () -> ConfiguredTrust.exposures(settings, credential));
    }

    /** Tells which access tokens a server takes. */
    void addTokens(String server, OauthEntry oauth) {
        health.also(() ->
                Stream.of(new Health.Check("oauth of " + server, Health.Status.OK, oauth.summary(), Optional.empty())));
    }

    /** Looks at the processes of a server. */
    void addProcesses(String server, Supplier<Optional<ProcessUpstream.Condition>> condition) {
        console.ifPresent(page -> page.addProcesses(server, condition));
        health.also(() -> condition.get().stream()
                .map(now -> new Health.Check(
                        "server " + server,
                        now.isTroubled() ? Health.Status.DEGRADED : Health.Status.OK,
                        now.words(),
                        Optional.empty())));
    }

    private void show(
            String name, String help, MtlsServerTransport transport, String server, ToDoubleFunction<Load> value) {
        metrics.gauge(name, help, transport, from -> value.applyAsDouble(from.load()), "server", server);
    }

    /** Listens if {@code health.listen} is set. */
    void start() {
        server = listen.map(this::start);
    }

    /** As {@link #start()}, with the console, whose own connections are recorded in {@code audit}. */
    void start(FileWatch files, AuditLog audit) {
        start();
        String name = ConsoleServing.recordedAs();
        console.ifPresent(page -> page.start(files, over(counted(audit.as(name), name))));
    }

    private MonitoringServer start(ListenAddress at) {
        try {
            InetSocketAddress address = new InetSocketAddress(at.host(), at.port());
            return console.map(page -> MonitoringServer.start(address, names, health, metrics, page.local()))
                    .orElseGet(() -> MonitoringServer.start(address, names, health, metrics));
        } catch (UncheckedIOException e) {
            throw ListenFailure.of("health", at, Keys.HEALTH_LISTEN.path(), e);
        }
    }

    /** Shows that this process stops. */
    void stopping() {
        health.stopping();
    }

    /** Where health and metrics are; empty when they are off. */
    Optional<String> address() {
        return listen.flatMap(at -> server.map(running -> "http://" + new ListenAddress(at.host(), running.port())));
    }

    /** Where the page is; the address on loopback holds its token. Empty without a console. */
    List<String> consoleAddresses() {
        return console.map(page -> page.addresses(address())).orElse(List.of());
    }

    @Override
    public void close() {
        console.ifPresent(ConsoleServing::close);
        server.ifPresent(MonitoringServer::close);
    }
}
