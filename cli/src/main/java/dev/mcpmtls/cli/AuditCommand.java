// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.auditlog.AuditFilter;
import dev.mcpmtls.auditlog.AuditReader;
import dev.mcpmtls.auditlog.AuditRecord;
import dev.mcpmtls.auditlog.AuditVerifier;
import dev.mcpmtls.auditlog.ChainEnd;
import dev.mcpmtls.auditlog.Vocabulary;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Type;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads the audit log, and proves that it is whole. */
@Command(name = "audit", description = "Shows the audit log, one line a record.", synopsisSubcommandLabel = "[verify]")
final class AuditCommand implements Runnable {

    private final Invocation invocation;

    @Option(names = "--follow", description = "then print new records until Ctrl-C")
    private boolean follows;

    @Option(
            names = "--client",
            description = "the log of client commands instead of the servers'",
            scope = picocli.CommandLine.ScopeType.INHERIT)
    private boolean isClient;

    @Option(
            names = "--peer",
            defaultValue = "",
            paramLabel = "TEXT",
            description = "part of the peer's identity, name or address")
    private String peer = "";

    @Option(
            names = "--reason",
            defaultValue = "",
            paramLabel = "REASON",
            description = "a reason code, such as EXPIRED")
    private String reason = "";

    @Option(
            names = "--action",
            defaultValue = "",
            paramLabel = "ACTION",
            description = "an action, such as tls-rejected")
    private String action = "";

    @Option(
            names = "--connection",
            defaultValue = "",
            paramLabel = "ID",
            description = "a connection's id, as errors show it")
    private String connection = "";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "an instant such as 2026-11-22T10:00:00Z, or how long ago: 10m, 2h, 7d")
    private @Nullable String since;

    private long printed;

    AuditCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        Path file = file(invocation, isClient);
        AuditFilter filter = new AuditFilter(
                peer,
                known("--reason", reason.toUpperCase(Locale.ROOT).replace('-', '_'), Vocabulary.REASONS, file),
                known("--action", action.toLowerCase(Locale.ROOT), Vocabulary.ACTIONS, file),
                connection,
                sinceWhen());
        AuditReader reader = new AuditReader(file, this::warn);
        if (follows) {
            reader.follow(record -> print(record, filter));
        } else {
            reader.read(record -> print(record, filter));
            if (printed == 0) {
                invocation.console().complain("no record of " + file + " matches");
            }
        }
    }

    /** The word, if records can have it: a misspelt one must not look like a log without incidents. */
    private static String known(String option, String word, Vocabulary vocabulary, Path log) {
        if (word.isEmpty() || vocabulary.has(word)) {
            return word;
        }
        Set<String> words = vocabulary.with(log);
        if (!words.contains(word)) {
            String remedy = Nearest.to(word, words, 3)
                    .map(near -> "did you mean " + near + "?")
                    .orElseGet(() -> "there are " + String.join(", ", words));
            throw new BadSettingException(option + ": no record can have '" + word + "'; " + remedy);
        }
        return word;
    }

    private void warn(Path part, long line) {
        Console console = invocation.console();
        console.complain(
                console.styled(Style.WARNING, "skipped"), ": line " + line + " of " + part + " is no audit record");
        console.complain("  'mcp-mtls audit verify' says whether records were changed or removed");
    }

    private void print(AuditRecord record, AuditFilter filter) {
        if (filter.test(record)) {
            printed++;
            Console console = invocation.console();
            boolean isRelaxed = !record.field("mcp_mtls.would_reject").isEmpty();
            Style style = !record.isSuccess() ? Style.BAD : isRelaxed ? Style.WARNING : Style.PLAIN;
            if (invocation.wantsJson()) {
                console.printWhole(record.line());
            } else {
                console.print(console.styled(style, record.rendered()));
            }
        }
    }

    private Instant sinceWhen() {
        if (since == null) {
            return Instant.MIN;
        }
        try {
            return since.contains("T") ? Instant.parse(since) : Instant.now().minus(Type.parseDuration(since));
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw new BadSettingException("--since: '" + since
                    + "' is neither an instant nor a duration; it looks like 2h, or 2026-11-22T10:00:00Z");
        }
    }

    private static Path file(Invocation invocation, boolean isClient) {
        Path file = isClient ? Stores.clientAuditFile(invocation.settings()) : Stores.auditFile(invocation.settings());
        if (Stores.isAuditOff(invocation.settings())) {
            throw new Failure(ExitCode.USAGE, "there is no audit log: audit.file is off");
        }
        Stores.requireAccess(file, AccessMode.READ);
        if (!Files.exists(file)) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of("there is no audit log at " + file + " yet", "check --dir, or run a command"));
        }
        if (!Files.isRegularFile(file)) {
            throw new Failure(ExitCode.USAGE, "cannot read the audit log " + file + ": it is no regular file");
        }
        return file;
    }

    /** Proves that no record was changed, added or taken away. */
    @Command(
            name = "verify",
            description = "Proves that no record was changed, added or removed, across rotated files.")
    int verify(
            @Option(
                            names = "--kept",
                            paramLabel = "N:HASH",
                            description =
                                    "an end that verify printed earlier: proves that nothing up to it was cut off")
                    @Nullable
                    String kept) {
        Path file = file(invocation, isClient);
        AuditVerifier.Result result =
                new AuditVerifier(file).verify(Optional.ofNullable(kept).map(AuditCommand::chainEnd));
        String end = result.end().sequence() + ":" + result.end().hash();
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("intact", result.isIntact());
            object.put("records", result.records());
            object.put("files", result.files());
            object.put("end", end);
            result.problem().ifPresent(problem -> object.put("problem", problem));
            console.json(object);
        } else if (result.isIntact()) {
            console.print(
                    console.styled(Style.GOOD, "intact"),
                    ": " + Printable.count(result.records(), "record") + " in "
                            + Printable.count(result.files(), "file"));
            console.print("end " + end);
            console.print(
                    "  keep it elsewhere: 'mcp-mtls audit verify --kept END' then also notices a log that was cut");
        } else {
            console.complain(
                    console.styled(Style.BAD, "not intact"),
                    ": " + result.problem().orElseThrow() + "; the "
                            + Printable.count(result.records(), "record") + " before "
                            + (result.records() == 1 ? "is" : "are"));
        }
        return (result.isIntact() ? ExitCode.DONE : ExitCode.FAILED).number();
    }

    private static ChainEnd chainEnd(String text) {
        if (!text.matches("\\d{1,18}:[0-9a-f]{64}")) {
            throw new BadSettingException(
                    "--kept: give the end as verify printed it, a number, a colon and 64 hexadecimal digits");
        }
        int colon = text.indexOf(':');
        return new ChainEnd(Long.parseLong(text.substring(0, colon)), text.substring(colon + 1));
    }
}
