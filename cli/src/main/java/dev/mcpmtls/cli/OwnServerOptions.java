// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.cert.MissingCredential;
import dev.mcpmtls.cli.invocation.OptionValue;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.ServerEntry.Command;
import dev.mcpmtls.runtime.settings.ServerEntry.Source;
import dev.mcpmtls.runtime.settings.ServerEntry.Url;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of {@code serve} that describe one server of the operator's own, without a configuration file. */
final class OwnServerOptions {

    private static final String DELIMITER = "--";

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--process",
            paramLabel = "per-session|per-identity|shared",
            description = "which clients share a process of the command; default per-session")
    private @Nullable String process;

    @Option(
            names = "--max-processes",
            paramLabel = "NUMBER",
            description =
                    "at most this many processes of the command; default 32; beyond it the one idle for longest ends")
    private @Nullable String maxProcesses;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "a server that speaks HTTP, such as http://127.0.0.1:9000/mcp")
    private @Nullable String url;

    @Option(names = "--unsafe-plain-upstream", description = "allow a URL of plain HTTP beyond this machine")
    private boolean isPlainAllowed;

    /** Whether a command or a URL was given. */
    boolean isGiven() {
        if (url == null && words().isEmpty()) {
            if (process != null || maxProcesses != null || isPlainAllowed) {
                throw new BadSettingException(
                        "--process and --max-processes are for a command behind '--', --unsafe-plain-upstream for"
                                + " --url; entries of mcp-mtls.yaml have keys of these names");
            }
            return false;
        }
        return true;
    }

    /** The words behind {@code --}. */
    private List<String> words() {
        List<String> all = command == null
                ? List.of()
                : command.commandLine().getParseResult().originalArgs();
        int delimiter = all.indexOf(DELIMITER);
        return delimiter < 0 ? List.of() : List.copyOf(all.subList(delimiter + 1, all.size()));
    }

    /**
     * The server.
     *
     * @param given the positional parameters: its name, and the words of its command
     */
    ServerEntry entry(List<String> given, @Nullable String listen, Optional<String> credential) {
        List<String> words = words();
        List<String> names = given.subList(0, given.size() - words.size());
        if (names.size() != 1) {
            throw new BadSettingException(
                    "one name goes before '--' or --url, as in 'mcp-mtls serve files -- npx -y SERVER'");
        }
        String name = Stores.credentialName(names.get(0));
        boolean isOurs = name.equals("all")
                || Keys.SERVERS.stream().anyMatch(server -> server.name().equals(name));
        if (isOurs) {
            throw new BadSettingException("'" + name + "' is "
                    + (name.equals("all") ? "the word for all servers" : "a server of this program")
                    + "; choose another name for yours");
        }
        return new ServerEntry(
                name,
                OptionValue.parse("--listen", listen == null ? ServerEntry.LISTEN : listen, ListenAddress::parse),
                ServerEntry.PATH,
                credential.orElse(name),
                source(words),
                ServerEntry.Terms.STANDARD,
                "command line");
    }

    private Source source(List<String> words) {
        if (url == null) {
            return new Command(
                    words,
                    OptionValue.parse("--process", process == null ? Command.MODES.get(0) : process, ServerEntry::mode),
                    maxProcesses == null
                            ? Command.MAX_PROCESSES
                            : OptionValue.parse("--max-processes", maxProcesses, ServerEntry::processes),
                    Map.of(),
                    Set.of(),
                    Optional.empty());
        }
        if (!words.isEmpty() || process != null || maxProcesses != null) {
            throw new BadSettingException(
                    "a server is a URL or a command, not both; remove --url, or the command and its options");
        }
        return new Url(
                OptionValue.parse("--url", url, ServerEntry::upstream),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                isPlainAllowed);
    }

    /**
     * Issues the credential of a server where it is missing and the authority is in the store.
     *
     * @return its name, when one was issued
     */
    static Optional<String> issueCredential(
            Settings settings, ServerEntry entry, PassphraseOption passphrase, AuditLog audit) {
        Store store = Store.at(settings.get(Keys.DIR));
        boolean isName = !entry.credential().contains("/");
        boolean isMissing =
                isName && store.hasAuthority() && !store.credentialNames().contains(entry.credential());
        if (isMissing) {
            Grant grant = Grant.server(Stores.trustDomain(settings), entry.credential());
            MissingCredential.issue(settings, grant, passphrase, audit);
        }
        ConfiguredCredentials.require(settings, entry.credential(), Purpose.SERVER);
        return isMissing ? Optional.of(entry.credential()) : Optional.empty();
    }
}
