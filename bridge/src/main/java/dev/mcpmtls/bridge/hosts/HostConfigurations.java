// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import dev.mcpmtls.identity.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Our entries in the configuration files of the MCP hosts on a machine.
 *
 * <pre>{@code
 * HostConfigurations hosts = new HostConfigurations(Machine.current(System.getenv()), Clock.systemUTC());
 * Change change = hosts.add(Host.CLAUDE_CODE, Scope.USER, "files", command, Conflict.REFUSE);
 * System.out.print(change.diff());
 * if (!dryRun) {
 *     change.apply();
 * }
 * }</pre>
 *
 * <p>Every method reads the file afresh. A file is refused, and left alone, when it cannot be parsed, is larger than 16 MiB,
 * is not regular, belongs to another user, or (a project's) lies outside the project. Safe for use by several threads.
 */
public final class HostConfigurations {

    private final Machine machine;
    private final InstantSource clock;

    public HostConfigurations(Machine machine, InstantSource clock) {
        this.machine = machine;
        this.clock = clock;
    }

    /**
     * Where a host keeps its servers, whether or not the file exists.
     *
     * @throws HostConfigurationException when the host has no file for the scope
     */
    public Path file(Host host, Scope scope) {
        return host.file(scope, machine);
    }

    /**
     * Works out how an entry is added, or ours of that name changed to the command. Only the
     * launcher, the arguments and the variables that the command names change in an entry that is ours.
     *
     * @param name of the server in the host
     * @throws HostConfigurationException when the file is refused, the host does not take the name, or it has an entry of
     *     that name which is not ours
     */
    public Change add(Host host, Scope scope, String name, BridgeCommand command, Conflict conflict) {
        String what = "add " + Printable.quote(name) + " to " + host.label();
        if (!host.permitsName(name)) {
            throw new HostConfigurationException("cannot " + what + ": the name is not permitted there\nuse "
                    + host.permittedNames() + " characters");
        }
        checkValues(host, command, what);
        Path path = file(host, scope);
        ConfigurationFile file = load(host, scope);
        Editor editor = new Editor(host, path);
        String text = file.text();
        Optional<JsonNode> present = editor.entry(text, name);
        if (present.isPresent() && !isOurs(host, present.get())) {
            if (conflict == Conflict.REFUSE) {
                throw notOurs(what, path, "choose another name, or have it replaced");
            }
            return change(path, file, editor.add(editor.remove(text, name), name, command));
        }
        return change(
                path, file, present.isPresent() ? editor.update(text, name, command) : editor.add(text, name, command));
    }

    /**
     * Works out how our entry is removed. If a backup has the file without the entry, and nothing else has changed since, the change
     * restores its bytes. A file that holds only the entry is deleted.
     *
     * @throws HostConfigurationException when the file is refused, or has no mcp-mtls entry of that name
     */
    public Change remove(Host host, Scope scope, String name) {
        String what = "remove " + Printable.quote(name) + " from " + host.label();
        Path path = file(host, scope);
        ConfigurationFile file = load(host, scope);
        Editor editor = new Editor(host, path);
        String text = file.text();
        JsonNode entry = editor.entry(text, name)
                .orElseThrow(() -> new HostConfigurationException(
                        "cannot " + what + ": " + ConfigurationFile.shown(path) + " has no entry of that name"));
        if (!isOurs(host, entry)) {
            throw notOurs(what, path, "remove it in " + host.label() + " itself");
        }
        return new Change(path, file, before(file, editor, name, entry, path), clock);
    }

    /**
     * The hosts that seem to be installed, and those with a file in the project, with our entries. A host without a project
     * file appears once. A file that cannot be read is a problem of its host, not a failure.
     */
    public List<FoundHost> list() {
        return Stream.of(Host.values())
                .flatMap(host -> host.scopes().stream().flatMap(scope -> found(host, scope).stream()))
                .toList();
    }

    private Change change(Path path, ConfigurationFile file, String after) {
        return new Change(path, file, Optional.of(after), clock);
    }

    private ConfigurationFile load(Host host, Scope scope) {
        Optional<Path> within = scope == Scope.PROJECT ? Optional.of(machine.workingDirectory()) : Optional.empty();
        return ConfigurationFile.load(file(host, scope), machine.home(), within);
    }

    /** The text before the entry was added: a backup's, none at all, or the present one without the entry. */
    private static Optional<String> before(
            ConfigurationFile file, Editor editor, String name, JsonNode entry, Path path) {
        String text = file.text();
        for (byte[] backup : file.backups()) {
            String earlier = ConfigurationFile.text(path, backup);
            if (editor.leadsTo(earlier, name, entry, text)) {
                return Optional.of(earlier);
            }
        }
        return !file.isLink() && editor.leadsTo("", name, entry, text)
                ? Optional.empty()
                : Optional.of(editor.remove(text, name));
    }

    private static void checkValues(Host host, BridgeCommand command, String what) {
        Stream.of(
                        Stream.of(command.launcher().toString()),
                        command.arguments().stream(),
                        command.environment().values().stream())
                .flatMap(values -> values)
                .filter(host::expands)
                .findFirst()
                .ifPresent(value -> {
                    throw new HostConfigurationException("cannot " + what + ": it would replace a part of "
                            + Printable.quote(value) + "\nuse a path or name without $");
                });
    }

    private static boolean isOurs(Host host, JsonNode entry) {
        return host.form().read(entry).filter(Form.Entry::isOurs).isPresent();
    }

    private static HostConfigurationException notOurs(String what, Path path, String remedy) {
        return new HostConfigurationException("cannot " + what + ": the entry of that name in "
                + ConfigurationFile.shown(path) + " is not ours\n" + remedy);
    }

    private Optional<FoundHost> found(Host host, Scope scope) {
        Path path = file(host, scope);
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !(scope == Scope.USER && isInstalled(path))) {
            return Optional.empty();
        }
        try {
            JsonNode model = new Editor(host, path).model(load(host, scope).text());
            return Optional.of(new FoundHost(host, scope, path, servers(host, model), Optional.empty()));
        } catch (HostConfigurationException e) {
            return Optional.of(
                    new FoundHost(host, scope, path, List.of(), Optional.of(String.valueOf(e.getMessage()))));
        }
    }

    /** A host creates its directory when it first runs. The home directory always exists, so there {@code .claude} counts. */
    private boolean isInstalled(Path path) {
        Path parent = path.getParent();
        return parent != null
                && (parent.equals(machine.home())
                        ? Files.isDirectory(machine.home().resolve(".claude"))
                        : Files.isDirectory(parent));
    }

    private List<FoundHost.Server> servers(Host host, JsonNode model) {
        JsonNode collection = model.get(host.form().collection());
        List<FoundHost.Server> servers = new ArrayList<>();
        if (collection == null) {
            return servers;
        }
        if (collection.isArray()) {
            collection.forEach(item -> add(servers, host, item.path(Models.NAME).asString(""), item));
        } else {
            collection.properties().forEach(member -> add(servers, host, member.getKey(), member.getValue()));
        }
        return servers;
    }

    private static void add(List<FoundHost.Server> servers, Host host, String name, JsonNode entry) {
        host.form().read(entry).filter(Form.Entry::isOurs).ifPresent(ours -> {
            List<String> arguments = ours.arguments();
            Optional<String> credential = option(arguments, "--credential");
            servers.add(new FoundHost.Server(
                    name,
                    arguments.get(arguments.size() - 1),
                    ours.command(),
                    arguments,
                    ours.environment(),
                    isExecutable(ours.command()),
                    credential,
                    credential
                            .filter(named -> exists(named, option(arguments, "--dir")))
                            .isPresent()));
        });
    }

    private static Optional<String> option(List<String> arguments, String name) {
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).startsWith(name + "=")) {
                return Optional.of(arguments.get(i).substring(name.length() + 1));
            }
            if (arguments.get(i).equals(name) && i + 1 < arguments.size()) {
                return Optional.of(arguments.get(i + 1));
            }
        }
        return Optional.empty();
    }

    private static boolean isExecutable(String launcher) {
        return path(launcher)
                .filter(Path::isAbsolute)
                .filter(Files::isRegularFile)
                .filter(Files::isExecutable)
                .isPresent();
    }

    private static boolean exists(String credential, Optional<String> store) {
        Optional<Path> named = path(credential);
        Optional<Path> stored = store.flatMap(HostConfigurations::path)
                .flatMap(dir -> named.map(name -> dir.resolve("credentials").resolve(name)));
        return Stream.concat(stored.stream(), named.filter(Path::isAbsolute).stream())
                .anyMatch(Files::exists);
    }

    private static Optional<Path> path(String text) {
        try {
            return Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
