// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.cli.cert.CertificateView;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.Clauses;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.cli.prepare.HeapGrowth;
import dev.mcpmtls.cli.prepare.SecondSignal;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.runtime.AccessRules;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.ConfiguredTrust;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.ServiceManager;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.ConsoleKeys;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.OauthEntry;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs servers until a signal stops it. */
@Command(name = "serve", description = "Runs servers until Ctrl-C, then finishes calls in flight.")
final class ServeCommand implements Runnable {

    private static final String LISTEN = "--listen";

    private static final String ALL = "all";

    private final Invocation invocation;

    @Parameters(
            paramLabel = "weather|datetime|echo|all|NAME",
            description = "our servers by name, or all; a name of your choice for a server with -- COMMAND or --url",
            arity = "1..*")
    private List<String> names = List.of();

    @Mixin
    private final OwnServerOptions own = new OwnServerOptions();

    @Option(
            names = LISTEN,
            paramLabel = "HOST:PORT",
            description = "where one server listens, instead of the configured address")
    private @Nullable String listen;

    @Option(
            names = "--pin",
            description =
                    "approve the tools of servers behind this program at their first use; later, changed and new ones"
                            + " are withheld")
    private boolean pins;

    @Option(
            names = "--console",
            description =
                    "show calls, refusals and certificates on a page of this machine; the URL that is printed opens it")
    private boolean hasConsole;

    @Option(
            names = "--unsafe-relaxed-on-network",
            description = "allow relaxed validation on addresses beyond this machine")
    private boolean isRelaxedOnNetwork;

    @Mixin
    private final PassphraseOption passphrase;

    ServeCommand(Invocation invocation) {
        this.invocation = invocation;
        this.passphrase = new PassphraseOption(invocation);
    }

    /** As its words would be read from a command line. */
    ServeCommand(Invocation invocation, List<String> names) {
        this(invocation);
        this.names = List.copyOf(names);
    }

    @Override
    public void run() {
        if (hasConsole) {
            invocation.flag(ConsoleKeys.CONSOLE_ENABLED, "--console", "true");
        }
        if (own.isGiven()) {
            ServerEntry entry = own.entry(names, listen, invocation.credential());
            run(invocation.settings(), List.of(), List.of(pins ? entry.pinned() : entry));
        } else {
            List<ServerEntry> entries = entries(invocation.settings().entries());
            List<Keys.Server> wanted = wanted(entries);
            if (pins && entries.isEmpty()) {
                throw new BadSettingException("--pin is for servers of a command or URL; the tools of "
                        + String.join(", ", names) + " come with this program");
            }
            run(
                    settings(wanted, entries),
                    wanted,
                    pins ? entries.stream().map(ServerEntry::pinned).toList() : entries);
        }
    }

    private void run(Settings settings, List<Keys.Server> wanted, List<ServerEntry> entries) {
        ServerEntry.requireApart(entries);
        if (!isRelaxedOnNetwork) {
            wanted.forEach(server -> ConfiguredTrust.requireLoopbackWhenRelaxed(settings, server));
            entries.forEach(entry -> ConfiguredTrust.requireLoopbackWhenRelaxed(settings, entry.listen()));
        }
        wanted.forEach(
                server -> ConfiguredCredentials.require(settings, settings.get(server.credential()), Purpose.SERVER));
        entries.forEach(entry -> RunningServers.requireUsable(settings, entry));
        try (AuditLog audit = Stores.audit(settings)) {
            entries.forEach(entry -> OwnServerOptions.issueCredential(settings, entry, passphrase, audit)
                    .ifPresent(issued -> invocation.console().complain("issued the credential " + issued)));
            run(settings, wanted, entries, audit);
        }
    }

    private void run(Settings settings, List<Keys.Server> wanted, List<ServerEntry> entries, AuditLog audit) {
        try (RunningServers servers = RunningServers.start(settings, wanted, entries, passphrase.read(), audit)) {
            Optional<ServiceManager> manager = ServiceManager.of(invocation.environment());
            Thread stop = stopOnSignal(servers, audit, manager);
            servers.members().forEach(this::announce);
            servers.members().forEach(this::warnOfLoopbackNames);
            announceAnchors(servers);
            servers.members()
                    .forEach(member -> settings.oauth(member.name()).ifPresent(oauth -> announce(member, oauth)));
            servers.monitoringAddress().ifPresent(this::announceHealth);
            servers.consoleAddresses().forEach(this::announceConsole);
            announce(servers.access());
            warnWhenRelaxed(settings);
            manager.ifPresent(told -> told.ready("serves " + String.join(", ", names), servers::pulse));
            awaitInterrupt();
            Runtime.getRuntime().removeShutdownHook(stop);
        }
    }

    /** The entries of the configuration file that are named. */
    private List<ServerEntry> entries(List<ServerEntry> all) {
        return all.stream()
                .filter(entry -> names.contains(ALL) || names.contains(entry.name()))
                .toList();
    }

    private List<Keys.Server> wanted(List<ServerEntry> entries) {
        if (names.contains(ALL)) {
            return Keys.SERVERS;
        }
        return names.stream()
                .distinct()
                .filter(name -> entries.stream().noneMatch(entry -> entry.name().equals(name)))
                .map(this::server)
                .toList();
    }

    private Keys.Server server(String name) {
        List<String> known = Stream.concat(
                        Keys.SERVERS.stream().map(Keys.Server::name),
                        invocation.settings().entries().stream().map(ServerEntry::name))
                .toList();
        return Keys.SERVERS.stream()
                .filter(server -> server.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BadSettingException("there is no server '" + name + "'; "
                        + Nearest.to(
                                        name,
                                        Stream.concat(known.stream(), Stream.of(ALL))
                                                .toList(),
                                        2)
                                .map(meant -> "did you mean " + meant + "? There are ")
                                .orElse("there are ")
                        + String.join(", ", known)
                        + ", and all; a server of your own takes its command or URL: 'mcp-mtls serve "
                        + ShellWords.quoted(name) + " -- COMMAND', or --url URL"));
    }

    /** The settings, with {@code --listen} and {@code --credential} applied to the one server that is started. */
    private Settings settings(List<Keys.Server> wanted, List<ServerEntry> entries) {
        if (listen != null) {
            invocation.flag(only(wanted, entries, LISTEN).listen(), LISTEN, listen);
        }
        invocation.credential().ifPresent(name -> {
            Key<String> key = only(wanted, entries, "--credential").credential();
            invocation.flag(key, "--credential", name);
        });
        return invocation.settings();
    }

    private static Keys.Server only(List<Keys.Server> wanted, List<ServerEntry> entries, String option) {
        if (wanted.size() != 1 || !entries.isEmpty()) {
            throw new BadSettingException(option
                    + " is for one server of this program, or with '--' or --url; else use the keys of servers"
                    + " in mcp-mtls.yaml");
        }
        return wanted.get(0);
    }

    /** With {@code --json}, each thing that is announced is one object on a line of its own. */
    private void announce(RunningServers.Member member) {
        Chain chain = member.profile().credentials().current().chain();
        CertificateView own = CertificateView.sound(member.name(), chain);
        String engine = member.profile().engine().text();
        String validation = member.profile().verifier().policy().validation().text();
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            console.json(new Ready(
                    "ready",
                    member.name(),
                    member.transport().uri().toString(),
                    own.identity(),
                    chain.leaf().getNotAfter().toInstant().toString(),
                    engine,
                    validation,
                    member.profile().verifier().policy().anchors().sets().stream()
                            .map(AnchorSet::toString)
                            .toList()));
        } else {
            console.print(
                    console.styled(Style.STRONG, member.name()),
                    " ready at " + member.transport().uri() + " as " + own.identity() + ", " + own.left() + ", "
                            + engine + ", " + validation);
        }
    }

    private void announce(RunningServers.Member member, OauthEntry oauth) {
        if (invocation.wantsJson()) {
            invocation.console().json(new Tokens("oauth", member.name(), oauth.summary()));
        } else {
            invocation.console().print(member.name() + " takes " + oauth.summary());
        }
    }

    private void announce(AccessRules access) {
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(new Access(
                            "access",
                            access.policy().file().toString(),
                            access.mode(),
                            access.count(),
                            access.summary()));
        } else {
            invocation.console().print("access rules: " + access.summary());
        }
    }

    /** The bindings of trust anchors, where there is more than our own; and those that should be bound. */
    private void announceAnchors(RunningServers servers) {
        List<ChainVerifier> verifiers = servers.members().stream()
                .map(member -> member.profile().verifier())
                .filter(verifier -> verifier.policy().validation() != Validation.PINNED)
                .toList();
        Console console = invocation.console();
        if (!invocation.wantsJson()) {
            verifiers.stream()
                    .filter(ChainVerifier::hasOtherAnchors)
                    .map(ChainVerifier::describeAnchors)
                    .distinct()
                    .forEach(anchors -> console.print("trust anchors: " + anchors));
        }
        verifiers.stream()
                .flatMap(verifier -> verifier.anchorsToBind().stream())
                .map(set -> set.needsBinding() + "; " + set.lineToBind())
                .distinct()
                .forEach(this::warn);
    }

    /** Prints a warning, and its remedy on a line of its own. */
    private void warn(String warning) {
        Console console = invocation.console();
        List<String> lines = Clauses.of(warning);
        console.complain(console.styled(Style.WARNING, lines.get(0)));
        lines.stream().skip(1).forEach(line -> console.complain("  ", console.styled(Style.WARNING, line)));
    }

    private void announceHealth(String address) {
        if (invocation.wantsJson()) {
            invocation.console().json(new Monitored("monitoring", address + "/health/ready", address + "/metrics"));
        } else {
            invocation.console().print("health and metrics at " + address + "/health/ready, /metrics");
        }
    }

    /** With its token, which is why the address is for this user alone. */
    private void announceConsole(String address) {
        if (invocation.wantsJson()) {
            invocation.console().json(new Page("console", address));
        } else {
            invocation.console().print("console at " + address);
        }
    }

    private void warnOfLoopbackNames(RunningServers.Member member) {
        if (!member.transport().address().getAddress().isLoopbackAddress()
                && member.transport().namesOnlyLoopback()) {
            String credential = member.profile().credentials().current().name();
            warn("clients on other machines refuse " + member.name()
                    + ": its certificate names no host beyond localhost; run 'mcp-mtls cert rekey " + credential
                    + " --san localhost,NAME" + ShellWords.sameDir(invocation.settings()) + "'");
        }
    }

    private void warnWhenRelaxed(Settings settings) {
        if (settings.get(TlsKeys.VALIDATION) == Validation.RELAXED) {
            String passing = ConfiguredTrust.relaxations(settings).stream()
                    .map(Relaxation::text)
                    .collect(Collectors.joining(", "));
            Console console = invocation.console();
            console.complain(console.styled(
                    Style.WARNING,
                    "RELAXED VALIDATION: the identities of peers are not verified (" + passing
                            + " are allowed and recorded)"));
        }
    }

    // The members that --json prints, in this order.
    private record Ready(
            String event,
            String server,
            String url,
            String identity,
            String notAfter,
            String engine,
            String validation,
            List<String> trustAnchors) {}

    private record Access(String event, String file, String mode, int rules, String summary) {}

    private record Tokens(String event, String server, String summary) {}

    private record Page(String event, String url) {}

    private record Monitored(String event, String health, String metrics) {}

    /** Exits with 0 after a signal; Java by itself would exit with 128 and the signal's number. */
    private Thread stopOnSignal(RunningServers servers, AuditLog audit, Optional<ServiceManager> manager) {
        Thread stop = new Thread(() -> {
            SecondSignal.halts();
            manager.ifPresent(ServiceManager::stopping);
            invocation
                    .console()
                    .complain("stopping after the calls in flight; another Ctrl-C or SIGTERM stops at once");
            servers.close();
            audit.close();
            manager.ifPresent(ServiceManager::close);
            Runtime.getRuntime().halt(ExitCode.DONE.number());
        });
        Runtime.getRuntime().addShutdownHook(stop);
        return stop;
    }

    private static void awaitInterrupt() {
        HeapGrowth heap = new HeapGrowth();
        CountDownLatch never = new CountDownLatch(1);
        try {
            while (!never.await(1, TimeUnit.SECONDS)) {
                heap.check();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
