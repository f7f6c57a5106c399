// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.demo;

import dev.mcpmtls.auditlog.AuditRecord;
import dev.mcpmtls.auditlog.AuditVerifier;
import dev.mcpmtls.cli.console.Logging;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.TemporaryDirectory;
import dev.mcpmtls.coordinator.Answer;
import dev.mcpmtls.coordinator.Outcome;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.settings.Keys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The whole story in one go. Every line is what really happened, and every row of the table at its end was checked. */
@Command(
        name = "demo",
        description = "Shows everything in a few seconds: certificates, servers, a question, who is refused and why.")
public final class DemoCommand implements Runnable {

    private static final String QUESTION = "Echo hello, and what's the weather and the time in Tokyo?";
    private static final String EXPIRED = "expired certificate";
    private static final String CORRUPTED = "corrupted certificate";
    private static final String IN_LOG = "  in the audit log";
    private static final String NOTHING = "nothing";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Invocation invocation;
    private final DemoReport report;

    @Option(
            names = "--console",
            description =
                    "then keep calls and refusals going until Ctrl-C, with a page that shows them; prints its URL")
    private boolean hasConsole;

    public DemoCommand(Invocation invocation) {
        this.invocation = invocation;
        this.report = new DemoReport(invocation.console());
    }

    @Override
    public void run() {
        invocation.refuseJson("demo");
        if (invocation.hasFlag(Keys.DIR)) {
            tell(invocation.settings().get(Keys.DIR), "");
        } else {
            try (TemporaryDirectory temporary = TemporaryDirectory.make()) {
                tell(temporary.path(), " (removed afterwards)");
            }
        }
    }

    private void tell(Path directory, String fate) {
        invocation.console().print("mcp-mtls, the whole story, in " + directory + fate);
        if (!invocation.isVerbose()) {
            Logging.silence();
        }
        long start = System.nanoTime();
        try (DemoStage stage = new DemoStage(invocation, directory)) {
            RunningServers servers = play(stage);
            report.conclude(Duration.ofNanos(System.nanoTime() - start));
            if (hasConsole) {
                servers.consoleAddresses()
                        .forEach(address -> invocation.console().print("console at " + address));
                invocation.console().print("Calls and refusals go on until Ctrl-C.");
                new DemoTraffic(stage, servers.members()).goOn();
            }
        }
    }

    private RunningServers play(DemoStage stage) {
        report.chapter("Certificates for every agent and server");
        stage.makeCertificates();
        report.tell("An authority, and a credential each for weather, datetime, echo and the coordinator;"
                + " and one called expired, which is valid for one second.");

        report.chapter("Three MCP servers, which accept only clients they can verify");
        RunningServers started = stage.startServers(hasConsole);
        List<RunningServers.Member> servers = started.members();
        for (RunningServers.Member server : servers) {
            report.tell(
                    server.name(),
                    server.transport().uri() + ", " + server.profile().engine().text());
        }

        report.chapter("The coordinator asks");
        ask(stage, servers);

        report.chapter("Refused connections, and what both sides say about them");
        refusals(stage, servers.get(2).transport().uri());

        report.chapter("Relaxed beside strict: the same certificates at a relaxed server");
        relaxed(stage, stage.startRelaxedServer().transport().uri());

        report.chapter("Access rules: the same caller, a permitted and a denied call");
        rules(stage, servers.get(1).transport().uri());

        report.chapter("Any server, any host: a stdio server without TLS, served and called");
        anyServer(stage, stage.serveUnprotected().transport().uri());

        report.chapter("The audit trail of all this");
        trail(stage);
        return started;
    }

    private void ask(DemoStage stage, List<RunningServers.Member> servers) {
        report.strong("> " + QUESTION);
        Answer answer = stage.ask(QUESTION, servers);
        answer.text().lines().forEach(report::tell);
        answer.steps().stream()
                .flatMap(step -> Stream.ofNullable(step.peer()))
                .findFirst()
                .ifPresent(peer -> report.faint(
                        "each server " + peer.assurance() + ", " + peer.tlsVersion() + ", " + peer.cipher()));
        report.check(
                "a question asked",
                DemoCaller.ANSWERED,
                answer.outcome() == Outcome.ANSWERED ? DemoCaller.ANSWERED : answer.text());
    }

    private void refusals(DemoStage stage, URI echo) {
        refusal(
                stage,
                "no certificate",
                "certificate_required",
                "NO_CERTIFICATE",
                () -> DemoCaller.callWithoutCertificate(stage.anchors(), echo));
        refusal(stage, "a stranger", "unknown_ca", "UNTRUSTED_ISSUER", () -> call(stage, stage.stranger(), echo));
        refusal(stage, EXPIRED, "certificate_expired", "EXPIRED", () -> call(stage, stage.expired(), echo));
        refusal(stage, CORRUPTED, "bad_certificate", "BAD_SIGNATURE", () -> call(stage, stage.corrupted(), echo));
        SpiffeId weather =
                SpiffeId.parse("spiffe://" + invocation.settings().get(Keys.TRUST_DOMAIN) + "/server/weather");
        refusal(
                stage,
                "echo posing as weather",
                "NAME_MISMATCH",
                "REFUSED_BY_PEER",
                () -> DemoCaller.call(stage, stage.coordinator(), echo, Optional.of(weather)));
    }

    private void relaxed(DemoStage stage, URI server) {
        long before = lastSequence(stage);
        report.strong(EXPIRED + ", relaxed");
        String seen = call(stage, stage.expired(), server);
        Optional<AuditRecord> written = await(stage, before, "tls-accepted");
        report.tell("client", seen);
        report.tell("server", written.map(record -> record.field("message")).orElse(NOTHING));
        report.check(EXPIRED + ", relaxed", DemoCaller.ANSWERED, seen);
        report.check(
                IN_LOG,
                "CLAIMED, EXPIRED",
                written.map(record -> record.field("mcp_mtls.assurance") + ", " + record.field("mcp_mtls.would_reject"))
                        .orElse(NOTHING));
        refusal(
                stage,
                CORRUPTED + ", relaxed",
                "bad_certificate",
                "BAD_SIGNATURE",
                () -> call(stage, stage.corrupted(), server));
    }

    private void rules(DemoStage stage, URI datetime) {
        DemoStage.RULES.lines().forEach(report::code);
        decision(
                stage,
                datetime,
                "getDateTime",
                Map.of("city", "Tokyo"),
                DemoCaller.ANSWERED,
                "call-permitted",
                "our-agents");
        decision(
                stage,
                datetime,
                "convertTime",
                Map.of("time", "12:00", "from", "Tokyo", "to", "Paris"),
                DemoCaller.DENIED,
                "call-denied",
                "no-conversions");
    }

    private void decision(
            DemoStage stage,
            URI server,
            String tool,
            Map<String, Object> arguments,
            String expected,
            String action,
            String rule) {
        long before = lastSequence(stage);
        report.strong("the coordinator calls " + tool);
        String seen = DemoCaller.call(stage, stage.coordinator(), server, tool, arguments);
        Optional<AuditRecord> written = await(
                stage,
                before,
                record -> record.field("event.action").equals(action)
                        && record.field("mcp_mtls.target").equals(tool));
        String decided = written.map(record -> record.field("rule.name")).orElse(NOTHING);
        report.tell("client", seen);
        report.tell("server", action + " by the rule " + decided);
        report.check(tool, expected, seen);
        report.check(IN_LOG, rule, decided);
    }

    private void anyServer(DemoStage stage, URI server) {
        report.tell("served", server + ", a process for each session");
        report.strong("a host, through mcp-mtls connect");
        String seen = DemoCaller.callThroughConnect(stage, stage.coordinator(), server);
        report.tell("client", seen);
        report.check("a host, through connect", DemoCaller.ANSWERED, seen);
        refusal(
                stage,
                "a stranger, through connect",
                "unknown_ca",
                "UNTRUSTED_ISSUER",
                () -> DemoCaller.callThroughConnect(stage, stage.stranger(), server));
    }

    private void trail(DemoStage stage) {
        Predicate<AuditRecord> worthShowing = record -> !record.isSuccess()
                || !record.field("mcp_mtls.would_reject").isEmpty()
                || record.field("event.action").equals("relaxed-mode-on");
        List<AuditRecord> all = stage.recordedAfter(0);
        all.stream().filter(worthShowing).forEach(record -> {
            String reason = record.field("event.reason");
            String more = reason.isEmpty() ? record.field("mcp_mtls.would_reject") : reason;
            report.tell(
                    record.at().toString().substring(11, 19),
                    String.format("%s  %-16s %s", record.field("service.name"), record.field("event.action"), more)
                            .strip());
        });
        AuditVerifier.Result result = new AuditVerifier(stage.auditFile()).verify();
        report.tell(all.size() + " records, each chained to the one before by its hash: "
                + result.problem().orElse("intact"));
        report.check("the audit log", "intact", result.problem().orElse("intact"));
    }

    private static String call(DemoStage stage, Credential credential, URI server) {
        return DemoCaller.call(stage, credential, server, Optional.empty());
    }

    /** One attempt, as both sides tell it. */
    private void refusal(
            DemoStage stage, String what, String clientSees, String serverWrites, Supplier<String> attempt) {
        long before = lastSequence(stage);
        report.strong(what);
        String seen = attempt.get();
        Optional<AuditRecord> written = await(stage, before, "tls-rejected");
        String reason = written.map(record -> record.field("event.reason")).orElse(NOTHING);
        report.tell("client", seen);
        report.tell(
                "server",
                reason + written.map(record -> ": " + record.field("message")).orElse(""));
        report.check(what, clientSees, seen);
        report.check(IN_LOG, serverWrites, reason);
    }

    private static long lastSequence(DemoStage stage) {
        return stage.recordedAfter(0).stream()
                .mapToLong(AuditRecord::sequence)
                .max()
                .orElse(0);
    }

    /** A client may learn of its refusal a moment before we read the record that was written first. */
    private static Optional<AuditRecord> await(DemoStage stage, long after, String action) {
        return await(stage, after, record -> record.field("event.action").equals(action));
    }

    private static Optional<AuditRecord> await(DemoStage stage, long after, Predicate<AuditRecord> wanted) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Optional<AuditRecord> found = Optional.empty();
        while (found.isEmpty() && System.nanoTime() < end) {
            Thread.onSpinWait();
            found = stage.recordedAfter(after).stream().filter(wanted).findFirst();
        }
        return found;
    }
}
