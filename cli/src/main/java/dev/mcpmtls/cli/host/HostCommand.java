// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.host;

import dev.mcpmtls.bridge.hosts.BridgeCommand;
import dev.mcpmtls.bridge.hosts.Change;
import dev.mcpmtls.bridge.hosts.Conflict;
import dev.mcpmtls.bridge.hosts.FoundHost;
import dev.mcpmtls.bridge.hosts.Host;
import dev.mcpmtls.bridge.hosts.HostConfigurations;
import dev.mcpmtls.bridge.hosts.Machine;
import dev.mcpmtls.bridge.hosts.Scope;
import dev.mcpmtls.cli.client.ClientOptions;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.invocation.CommandGroup;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The entries in the configuration of desktop hosts that start {@code mcp-mtls connect}. */
@Command(
        name = "host",
        description = "Adds servers to desktop hosts such as Claude Code, VS Code and Cursor, and checks them there.")
public final class HostCommand extends CommandGroup {

    private static final String HOST = "claude-code, vs-code, cursor, ...; 'mcp-mtls host list --all' names all";
    private static final String SCOPE = "for all your projects, or for the one in this directory; default user";

    private final Invocation invocation;

    @Mixin
    private final PassphraseOption passphrase;

    public HostCommand(Invocation invocation) {
        this.invocation = invocation;
        this.passphrase = new PassphraseOption(invocation);
    }

    /** The words that {@code add} and {@code remove} share. */
    static final class EditOptions {
        @Option(names = "--scope", paramLabel = "user|project", defaultValue = "user", description = SCOPE)
        private Scope scope = Scope.USER;

        @Option(names = "--dry-run", description = "show the change without making it")
        private boolean isDryRun;

        @Option(names = "--yes", description = "do not ask")
        private boolean isSure;
    }

    @Command(
            name = "add",
            description = "Adds a server to a host's configuration, and gives the host a credential of its own.")
    void add(
            @Parameters(paramLabel = "HOST", description = HOST) String host,
            @Parameters(paramLabel = "SERVER", description = "the server's name in the host") String name,
            @Parameters(
                            paramLabel = "URL",
                            description = "https://host:port/mcp, or the name of a configured server, such as echo")
                    String server,
            @Option(names = "--replace", description = "replace an entry of that name that mcp-mtls did not add")
                    boolean replaces,
            @Mixin EditOptions options) {
        Host wanted = host(host);
        Settings settings = invocation.settings();
        String url = ClientOptions.server(settings, server).toString();
        HostCredential credential = HostCredential.of(wanted, settings, invocation);
        BridgeCommand command = new ConnectWords(settings, invocation).command(url, credential.name());
        Change change =
                hosts().add(wanted, options.scope, name, command, replaces ? Conflict.REPLACE : Conflict.REFUSE);
        Edit edit = new Edit("add", wanted, options.scope, name, change);
        Optional<String> issued =
                Optional.of(credential).filter(HostCredential::isMissing).map(HostCredential::name);
        if (edit(edit, options, () -> credential.issue(settings, passphrase), issued)) {
            say("Restart " + wanted.label() + ", or reload its servers. 'mcp-mtls host doctor " + wanted.id()
                    + "' checks the entry.");
        }
    }

    @Command(name = "remove", description = "Removes a server that 'host add' added.")
    void remove(
            @Parameters(paramLabel = "HOST", description = HOST) String host,
            @Parameters(paramLabel = "SERVER", description = "the server's name in the host") String name,
            @Mixin EditOptions options) {
        Host wanted = host(host);
        String credential = credential(wanted, options.scope, name);
        Change change = hosts().remove(wanted, options.scope, name);
        if (edit(new Edit("remove", wanted, options.scope, name, change), options, () -> {}, Optional.empty())) {
            say("The host's credential stays; 'mcp-mtls cert delete " + credential + "' deletes and revokes it.");
        }
    }

    /** The credential of an entry, as a word for a command; {@code NAME} when the entry names none of the store. */
    private String credential(Host host, Scope scope, String name) {
        return hosts().list().stream()
                .filter(found -> found.host() == host && found.scope() == scope)
                .flatMap(found -> found.servers().stream())
                .filter(server -> server.name().equals(name))
                .flatMap(server -> server.credential().stream())
                .filter(credential -> !credential.contains("/"))
                .map(ShellWords::quoted)
                .findFirst()
                .orElse("NAME");
    }

    /** A change of one entry. */
    private record Edit(String verb, Host host, Scope scope, String name, Change change) {}

    /** Shows a change and makes it; whether it was made. */
    private boolean edit(Edit edit, EditOptions options, Runnable before, Optional<String> issued) {
        Change change = edit.change();
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("host", edit.host().id());
        told.put("server", edit.name());
        told.put("scope", edit.scope().name().toLowerCase(Locale.ROOT));
        told.put("file", change.file().toString());
        told.put("changed", !change.isEmpty() && !options.isDryRun);
        issued.ifPresent(name -> told.put("issued", name));
        if (!invocation.wantsJson()) {
            change.diff().lines().forEach(this::showDiff);
            issued.ifPresent(
                    name -> say((options.isDryRun ? "would issue" : "will issue") + " the credential " + name));
        }
        if (options.isDryRun || (change.isEmpty() && issued.isEmpty())) {
            told.put("diff", change.diff());
            finish(
                    told,
                    change.isEmpty()
                            ? "Nothing to do: " + change.file() + " already says so."
                            : "Nothing was changed.");
            return false;
        }
        change.check();
        if (!options.isSure) {
            confirm("Change " + change.file() + "? [y/N] ");
        }
        before.run();
        Optional<Path> backup = change.apply();
        backup.ifPresent(file -> told.put("backup", file.toString()));
        finish(told, (edit.verb().equals("add") ? "added " : "removed ") + edit.name() + " in " + change.file());
        backup.ifPresent(file -> say("  the file as it was: " + file));
        return true;
    }

    private void showDiff(String line) {
        Style style = line.startsWith("+") ? Style.GOOD : line.startsWith("-") ? Style.BAD : Style.PLAIN;
        invocation.console().printWhole(invocation.console().styled(style, line));
    }

    private void finish(Map<String, Object> told, String sentence) {
        if (invocation.wantsJson()) {
            invocation.console().json(told);
        } else {
            invocation.console().print(sentence);
        }
    }

    private void say(String sentence) {
        if (!invocation.wantsJson()) {
            invocation.console().print(sentence);
        }
    }

    private void confirm(String question) {
        boolean isWanted = Console.confirm(question)
                .orElseThrow(() -> new Failure(
                        ExitCode.USAGE,
                        List.of(
                                "cannot ask whether to change the file: standard input is no terminal",
                                "add --yes to change it, or --dry-run to see the change")));
        if (!isWanted) {
            throw new Failure(ExitCode.FAILED, "nothing was changed");
        }
    }

    @Command(name = "list", description = "Lists the hosts on this machine, with the servers that were added to them.")
    void list(@Option(names = "--all", description = "list also hosts that are not on this machine") boolean all) {
        List<FoundHost> found = hosts().list();
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(Map.of(
                            "hosts", found.stream().map(HostCommand::asObject).toList()));
            return;
        }
        Table table = new Table();
        found.forEach(host -> rows(host, table));
        if (all) {
            Arrays.stream(Host.values())
                    .filter(host -> found.stream().noneMatch(there -> there.host() == host))
                    .forEach(host -> table.row(host.id(), "", "not on this machine", host.documentation()));
        }
        table.printTo(invocation.console());
        found.forEach(host -> host.problem()
                .ifPresent(
                        why -> why.lines().forEach(line -> invocation.console().complain(line))));
        if (found.isEmpty() && !all) {
            invocation
                    .console()
                    .print("No known host is on this machine; 'mcp-mtls host list --all' lists all of them.");
        }
    }

    private void rows(FoundHost found, Table table) {
        String scope = found.scope().name().toLowerCase(Locale.ROOT);
        found.problem()
                .ifPresent(why -> table.row(
                        found.host().id(), scope, new Table.Cell("unusable", Style.BAD), shown(found.file())));
        if (found.problem().isEmpty() && found.servers().isEmpty()) {
            table.row(found.host().id(), scope, new Table.Cell("no entry", Style.FAINT), shown(found.file()));
        }
        found.servers()
                .forEach(server -> table.row(
                        found.host().id(), scope, new Table.Cell(server.name(), Style.STRONG), server.target()));
    }

    /** A file below the user's home directory, as shells write it. */
    private String shown(Path file) {
        Path home = Machine.current(invocation.environment()).home();
        return file.startsWith(home)
                ? Path.of("~").resolve(home.relativize(file)).toString()
                : file.toString();
    }

    private static Map<String, Object> asObject(FoundHost found) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("host", found.host().id());
        object.put("scope", found.scope().name().toLowerCase(Locale.ROOT));
        object.put("file", found.file().toString());
        object.put("documentation", found.host().documentation());
        found.problem().ifPresent(why -> object.put("problem", why));
        object.put(
                "servers", found.servers().stream().map(HostCommand::asObject).toList());
        return object;
    }

    private static Map<String, Object> asObject(FoundHost.Server server) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", server.name());
        object.put("url", server.target());
        object.put("launcher", server.launcher());
        object.put("credential", server.credential().orElse(""));
        return object;
    }

    @Command(name = "doctor", description = "Starts the added servers as their hosts do, and reports which work.")
    int doctor(
            @Parameters(paramLabel = "HOST", arity = "0..1", description = "one host; default all on this machine")
                    @Nullable
                    String host) {
        Optional<Host> wanted = Optional.ofNullable(host).map(HostCommand::host);
        List<FoundHost> found = hosts().list().stream()
                .filter(there -> wanted.isEmpty() || there.host() == wanted.get())
                .toList();
        List<EntryCheck> checks =
                found.stream().flatMap(there -> EntryCheck.of(there).stream()).toList();
        boolean isSound = checks.stream().allMatch(EntryCheck::isSound);
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(Map.of(
                            "sound",
                            isSound,
                            "checks",
                            checks.stream().map(EntryCheck::asObject).toList()));
        } else if (checks.isEmpty()) {
            invocation.console().print("No host on this machine has an mcp-mtls entry; 'mcp-mtls host add' adds one.");
        } else {
            Table table = new Table();
            checks.forEach(check -> check.addTo(table));
            table.printTo(invocation.console());
        }
        return (isSound ? ExitCode.DONE : ExitCode.FAILED).number();
    }

    private HostConfigurations hosts() {
        return new HostConfigurations(Machine.current(invocation.environment()), Clock.systemUTC());
    }

    private static Host host(String name) {
        return Host.named(name)
                .orElseThrow(() -> new BadSettingException("there is no host " + Printable.quote(name) + "; "
                        + Nearest.to(
                                        name,
                                        Arrays.stream(Host.values())
                                                .map(Host::id)
                                                .toList(),
                                        2)
                                .map(near -> "did you mean " + near + "? There are ")
                                .orElse("there are ")
                        + Arrays.stream(Host.values()).map(Host::id).collect(Collectors.joining(", "))));
    }
}
