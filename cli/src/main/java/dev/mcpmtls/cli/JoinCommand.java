// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.cert.CertificateView;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.enrolment.Join;
import dev.mcpmtls.enrolment.JoinToken;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings this machine in with a token. */
@Command(
        name = "join",
        description =
                "Gets this machine a certificate from an authority elsewhere, with a token from 'authority invite'."
                        + " The key is made here and stays here. After an interruption, the same command finishes the"
                        + " work.")
final class JoinCommand implements Runnable {

    private static final int MOST_BYTES = 4096;

    private final Invocation invocation;

    @Parameters(
            paramLabel = "TOKEN|FILE|-",
            description =
                    "- to read the token from standard input, a file that holds it, or the token; arguments stay in the"
                            + " shell's history, and other users of this machine see them while the command runs")
    private String token = "";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "what the credential is called here; default as the authority calls it")
    private @Nullable String name;

    JoinCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        Settings settings = invocation.settings();
        Optional<String> own = Optional.ofNullable(name).map(Stores::credentialName);
        JoinToken read = JoinToken.parse(token());
        Store store = Store.at(settings.get(Keys.DIR));
        Join join = new Join(store, read, own, settings.get(Keys.AUTHORITY_KEY), Surroundings.system(AuditSink.none()));
        report(join.run(), store, settings);
    }

    private String token() {
        try {
            if (token.equals("-")) {
                return Console.isTyped() ? typed() : piped();
            }
            return token.startsWith(JoinToken.PREFIX)
                    ? token
                    : new String(SmallFiles.read(Path.of(token), MOST_BYTES), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            argument() + " is neither a file that exists nor a token, which begins with "
                                    + JoinToken.PREFIX,
                            "run 'mcp-mtls join -' and paste the token, or correct the file's name"));
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "cannot read the token in " + argument() + ": " + Failures.reason(e), e);
        }
    }

    /** The argument, unless it may be part of a token. */
    private String argument() {
        if (token.equals("-")) {
            return "standard input";
        }
        return token.matches("[A-Za-z0-9_-]{32,}") ? "the argument" : Printable.quote(token);
    }

    private String piped() throws IOException {
        return new String(invocation.console().input().readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    }

    /** Not shown, because it is a secret. */
    private static String typed() {
        char[] typed = Console.ask("Token: ");
        return typed == null ? "" : new String(typed);
    }

    private void report(Join.Joined joined, Store store, Settings settings) {
        CertificateView view = CertificateView.sound(joined.credential(), joined.chain());
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            Map<String, Object> object = new LinkedHashMap<>(view.asObject());
            object.put("directory", store.credential(joined.credential()).toString());
            object.put("authority", joined.authority().toString());
            object.put("new", joined.isNew());
            console.json(object);
            return;
        }
        console.print(
                console.styled(Style.GOOD, joined.isNew() ? "joined" : "had joined"),
                " as " + joined.credential() + " for " + view.identity() + ", " + view.left());
        console.print("  " + store.credential(joined.credential()) + " renews itself at " + joined.authority()
                + " while it is used");
        Optional<String> only = Stores.onlyJoined(settings);
        String credential = only.isPresent() ? "" : " --credential " + joined.credential();
        console.print("  try 'mcp-mtls doctor https://HOST:PORT/mcp" + credential + ShellWords.sameDir(settings) + "'");
    }
}
