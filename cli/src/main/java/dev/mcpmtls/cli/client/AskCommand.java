// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.coordinator.Answer;
import dev.mcpmtls.coordinator.Coordinator;
import dev.mcpmtls.coordinator.McpToolServer;
import dev.mcpmtls.coordinator.ModelUsage;
import dev.mcpmtls.coordinator.Outcome;
import dev.mcpmtls.coordinator.Planner;
import dev.mcpmtls.coordinator.ToolServer;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.runtime.ClientTokens;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ModelKeys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.telemetry.Telemetry;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts a question to the coordinator. */
@Command(
        name = "ask",
        description = {
            "Asks the coordinator, which asks the servers: \"What's the weather and the time in Tokyo?\"",
            "Without a question it is a conversation: a question a line, until the end of the input."
        })
public final class AskCommand implements Runnable {

    private final Invocation invocation;

    @Mixin
    private final ClientOptions options;

    @Option(
            names = "--planner",
            paramLabel = "PLANNER",
            description = "rules, or model for a language model; default coordinator.planner")
    private @Nullable String planner;

    @Parameters(paramLabel = "QUESTION", arity = "0..*", description = "in plain English")
    private List<String> words = List.of();

    public AskCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    @Override
    public void run() {
        if (planner != null) {
            invocation.flag(ModelKeys.PLANNER, "--planner", planner);
        }
        Settings settings = options.settingsAsConfigured();
        if (settings.get(Keys.COORDINATOR_SERVERS).isEmpty()) {
            throw new BadSettingException(settings.where(Keys.COORDINATOR_SERVERS)
                    + " is empty, so no server can be asked; name at least one");
        }
        StreamedWords words = new StreamedWords(invocation.console());
        Planner planning = Planners.of(settings, invocation, invocation.wantsJson() ? piece -> {} : words);
        try (AuditLog audit = Stores.clientAudit(settings, "coordinator");
                Telemetry telemetry = Telemetry.start(settings)) {
            List<AskedServer> servers = servers(settings, ClientOptions.profile(settings, audit), telemetry.observer());
            try (Coordinator coordinator = new Coordinator(planning, List.copyOf(servers), audit)) {
                Unanswered unanswered = new Unanswered(settings, servers);
                Duration timeout = Planners.timeout(settings);
                if (this.words.isEmpty()) {
                    new Conversation(invocation.console())
                            .hold(question ->
                                    report(ask(coordinator, question, timeout, telemetry), unanswered, words));
                } else {
                    report(ask(coordinator, String.join(" ", this.words), timeout, telemetry), unanswered, words);
                }
            }
        }
    }

    /** Asks, and has all that it takes observed as one. */
    private static Answer ask(Coordinator coordinator, String question, Duration timeout, Telemetry telemetry) {
        Observation asked = telemetry.observer().invoked("coordinator");
        Observation.Scope current = asked.makeCurrent();
        try {
            Answer answer = coordinator.ask(question, timeout);
            if (answer.outcome() != Outcome.ANSWERED) {
                asked.failed(answer.outcome().name().toLowerCase(Locale.ROOT));
            }
            return answer;
        } finally {
            current.close();
            asked.end();
        }
    }

    private static List<AskedServer> servers(Settings settings, TlsProfile profile, Observer observer) {
        return settings.get(Keys.COORDINATOR_SERVERS).stream()
                .map(name -> {
                    URI url = ClientOptions.server(settings, name);
                    Optional<ToolPins> pins = ClientOptions.pins(settings, url);
                    Duration timeout = ClientOptions.timeout(settings);
                    TokenSource tokens = new ClientTokens(
                            settings, url, profile, page -> Browser.none().open(page));
                    return new AskedServer(url, server(name, url, profile, pins, timeout, observer, tokens));
                })
                .toList();
    }

    public static ToolServer server(
            String name,
            URI url,
            TlsProfile profile,
            Optional<ToolPins> pins,
            Duration timeout,
            Observer observer,
            TokenSource tokens) {
        return new McpToolServer(
                name,
                () -> {
                    MtlsClientTransport.Builder transport = MtlsClientTransport.builder(url)
                            .tls(profile)
                            .observer(observer)
                            .tokens(tokens)
                            .withoutNotifications()
                            .callingUnofferedTools();
                    pins.ifPresent(transport::pins);
                    return transport.build();
                },
                timeout);
    }

    /** Prints answers to standard output and failures to standard error. */
    private void report(Answer answer, Unanswered unanswered, StreamedWords words) {
        Console console = invocation.console();
        if (invocation.isVerbose()) {
            answer.steps().forEach(this::explain);
            explain(answer.usage());
        }
        if (invocation.wantsJson()) {
            console.json(answer);
        } else if (answer.usage() != null) {
            words.finish(answer.text());
        } else {
            answer.steps().stream()
                    .filter(step -> step.outcome() == Outcome.ANSWERED)
                    .forEach(step -> console.printLines(step.text()));
            answer.conclusions().forEach(sentence -> console.print(sentence));
        }
        if (answer.outcome() != Outcome.ANSWERED) {
            List<String> why = invocation.isVerbose() ? unanswered.inDetail(answer) : unanswered.inShort(answer);
            throw new Failure(codeOf(answer.outcome()), why);
        }
    }

    private void explain(@Nullable ModelUsage usage) {
        if (usage != null) {
            Console console = invocation.console();
            console.complain(console.styled(
                    Style.FAINT,
                    usage.model() + ": " + Printable.count(usage.rounds(), "round") + ", "
                            + Printable.count(usage.inputTokens(), "token") + " in, "
                            + usage.outputTokens() + " out"));
        }
    }

    private void explain(Answer.Step step) {
        Console console = invocation.console();
        ToolServer.PeerFacts peer = step.peer();
        String who = peer == null
                ? "no server answered"
                : peer.identity() + " (" + peer.assurance() + "), " + peer.tlsVersion() + " " + peer.cipher();
        console.complain(
                console.styled(Style.FAINT, step.tool() + step.arguments() + "  " + step.millis() + " ms  " + who));
    }

    private static ExitCode codeOf(Outcome outcome) {
        return switch (outcome) {
            case ANSWERED -> ExitCode.DONE;
            case NOT_UNDERSTOOD, TOOL_FAILED, BROKEN -> ExitCode.FAILED;
            case DENIED, WITHHELD -> ExitCode.DENIED;
            case TIMED_OUT -> ExitCode.TIMED_OUT;
            case UNREACHABLE -> ExitCode.UNREACHABLE;
            case REFUSED -> ExitCode.REFUSED;
        };
    }
}
