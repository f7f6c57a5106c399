// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.AuthorityException;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.doctor.Check;
import dev.mcpmtls.doctor.Diagnosis;
import dev.mcpmtls.doctor.Doctor;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.runtime.ClientTokens;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.ConfiguredTrust;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.ConnectedServer;
import dev.mcpmtls.transport.client.ConnectionException;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks a connection to a server, and explains what fails. */
@Command(
        name = "doctor",
        description =
                "Connects as a client would and explains, check by check, what works, what fails and how to fix it.")
public final class DoctorCommand implements java.util.concurrent.Callable<Integer> {

    private final Invocation invocation;

    @Mixin
    private final ClientOptions options;

    @Mixin
    private final ServerParameter server = new ServerParameter();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "examine the access token in this file, and present it to the server")
    private @Nullable Path tokenFile;

    public DoctorCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    @Override
    public Integer call() {
        Settings settings = options.settingsAsConfigured();
        URI url = server.url(settings);
        Diagnosis diagnosis = diagnose(settings, url);
        if (invocation.wantsJson()) {
            invocation.console().json(asObject(url, diagnosis));
        } else {
            Table table = new Table();
            diagnosis.checks().forEach(check -> add(check, table));
            table.printTo(invocation.console());
        }
        return diagnosis
                .firstFailure()
                .map(DoctorCommand::exitCode)
                .orElse(ExitCode.DONE)
                .number();
    }

    private Diagnosis diagnose(Settings settings, URI url) {
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-doctor")) {
            TlsProfile profile = ClientOptions.profile(settings, audit);
            Duration timeout = ClientOptions.timeout(settings);
            TokenSource tokens = tokenFile == null
                    ? new ClientTokens(
                            settings, url, profile, page -> Browser.none().open(page))
                    : TokenFile.load(tokenFile);
            Diagnosis found = new Doctor(
                            url,
                            profile,
                            timeout,
                            time -> speak(url, profile, tokens, time),
                            tokens,
                            invocation.environment())
                    .examine();
            Stream<Check> exposed = ConfiguredTrust.exposures(
                            settings,
                            ConfiguredCredentials.location(settings, settings.get(Keys.COORDINATOR_CREDENTIAL)))
                    .stream()
                    .map(Check::exposed);
            Stream<Check> token =
                    Store.at(settings.get(Keys.DIR)).token().stream().map(key -> Check.signing(key.toString()));
            return new Diagnosis(
                    Stream.of(exposed, token, found.checks().stream())
                            .flatMap(checks -> checks)
                            .toList(),
                    found.connectionId());
        } catch (UnusableCredentialException | AuthorityException e) {
            return new Diagnosis(List.of(Check.unusable(String.valueOf(e.getMessage()))), Optional.empty());
        }
    }

    private static Doctor.Spoken speak(URI url, TlsProfile profile, TokenSource tokens, Duration timeout) {
        try (SdkConnection connection = SdkConnection.open(url, profile, tokens, timeout)) {
            ConnectedServer agreed = connection.server();
            String tls = agreed.connection()
                    .tls()
                    .map(facts -> facts.version() + ", " + facts.cipher())
                    .orElse("TLS");
            return new Doctor.Spoken(
                    connection.introduction().name(),
                    "MCP " + agreed.protocolVersion() + " ("
                            + agreed.era().name().toLowerCase(java.util.Locale.ROOT) + " era)",
                    tls + agreed.group().map(group -> ", " + group).orElse(""),
                    connection.tools().stream().map(Tool::name).toList());
        } catch (RuntimeException e) {
            throw ConnectionException.in(e).isPresent() ? e : Failure.of(e); // which has found the server's own words
        }
    }

    private static void add(Check check, Table table) {
        Style style = switch (check.status()) {
            case OK -> Style.GOOD;
            case WARNING -> Style.WARNING;
            case FAILED -> Style.BAD;
        };
        String word = check.status().name().toLowerCase(java.util.Locale.ROOT);
        table.row(
                new Table.Cell("%-6s".formatted(word), style),
                "%-17s".formatted(check.step().text()),
                Console.bounded(check.evidence()));
        if (!check.remedy().isEmpty()) {
            table.row("", "", new Table.Cell("-> " + check.remedy(), Style.STRONG));
        }
    }

    private static Map<String, Object> asObject(URI url, Diagnosis diagnosis) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("url", url.toString());
        object.put("status", text(diagnosis.status()));
        diagnosis.connectionId().ifPresent(id -> object.put("connection", id));
        object.put(
                "checks",
                diagnosis.checks().stream().map(DoctorCommand::asObject).toList());
        return object;
    }

    private static Map<String, Object> asObject(Check check) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("check", check.step().text());
        object.put("status", text(check.status()));
        object.put("evidence", check.evidence());
        object.put("remedy", check.remedy());
        return object;
    }

    private static String text(Check.Status status) {
        return status.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static ExitCode exitCode(Check failed) {
        return switch (failed.fault()) {
            case NONE -> ExitCode.DONE;
            case UNUSABLE -> ExitCode.USAGE;
            case UNREACHABLE -> ExitCode.UNREACHABLE;
            case REFUSED -> ExitCode.REFUSED;
            case FAILED -> ExitCode.FAILED;
            case TIMED_OUT -> ExitCode.TIMED_OUT;
        };
    }
}
