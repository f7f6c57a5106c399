// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process groups of our servers. A shell of a few lines knows them all and reads from a pipe whose only writer is this process.
 * When this process ends in any way, SIGKILL included, the pipe ends, and the shell ends the groups. It also sends our signals to
 * groups, which Java cannot. A server is started only once the shell knows its group, so no moment is left out.
 *
 * <p>This needs {@code setsid}, which Linux systems have (util-linux, BusyBox). Elsewhere a server has no group of its own: a stop ends the
 * process and the descendants that are known then. After a SIGKILL of ours, the server sees its input end.
 */
public final class ProcessGroups implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessGroups.class);

    private static final String SUPERVISOR = """
        groups=
        while read -r verb group; do
          case $verb in
            add) groups="$groups $group" ;;
            end) left=; for one in $groups; do [ "$one" = "$group" ] || left="$left $one"; done; groups=$left ;;
            *) kill -s "$verb" -- "-$group" 2>/dev/null ;;
          esac
        done
        [ -n "$groups" ] || exit 0
        for one in $groups; do kill -s TERM -- "-$one" 2>/dev/null; done
        sleep 1
        for one in $groups; do kill -s KILL -- "-$one" 2>/dev/null; done
        """;

    // Runs the program once it is told to, in the place of this shell and with the same input.
    private static final String STARTER = "IFS= read -r word && [ \"$word\" = go ] && exec \"$@\"";

    private final Optional<String> setsid;
    private final Set<Long> groups = new LinkedHashSet<>();
    private @Nullable Process supervisor;
    private boolean closed;

    /** Groups, of which there are none yet. */
    public ProcessGroups() {
        this.setsid = Stream.of("/usr/bin/setsid", "/bin/setsid")
                .filter(file -> Files.isExecutable(Path.of(file)))
                .findFirst();
        if (setsid.isEmpty()) {
            LOG.warn("there is no setsid on this system: processes that a server starts may outlive it");
        }
    }

    /** The words that start a server, which begins when it reads a line {@code go}. */
    List<String> wrapped(List<String> words) {
        Stream<String> starter = Stream.of("/bin/sh", "-c", STARTER, "mcp-mtls-server");
        return Stream.of(setsid.stream(), starter, words.stream())
                .flatMap(parts -> parts)
                .toList();
    }

    /** From now on the group ends with us. */
    synchronized void add(Process server) {
        groups.add(server.pid());
        tell("add", server.pid());
    }

    /** Sends a signal to all processes of a server's group. */
    void signal(Process server, Signal signal) {
        if (setsid.isPresent()) {
            tell(signal.name(), server.pid());
            return;
        }
        List<ProcessHandle> all = Stream.concat(server.descendants(), Stream.of(server.toHandle()))
                .toList();
        all.forEach(one -> {
            boolean unused = signal == Signal.KILL ? one.destroyForcibly() : one.destroy();
        });
    }

    /** The group has ended; what is left of it is killed. */
    synchronized void ended(Process server) {
        if (groups.remove(server.pid())) {
            tell(Signal.KILL.name(), server.pid());
            tell("end", server.pid());
        }
    }

    /** A way to end a process: TERM asks it, KILL forces it. */
    enum Signal {
        TERM,
        KILL
    }

    private synchronized void tell(String verb, long group) {
        if (setsid.isEmpty()) {
            return;
        }
        try {
            write(verb + ' ' + group + '\n');
        } catch (IOException e) {
            LOG.error("cannot run the shell that ends servers with this process: {}", e.getMessage());
        }
    }

    private void write(String line) throws IOException {
        Process running = supervisor;
        if (running == null || !running.isAlive()) {
            running = start();
        }
        running.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
        running.getOutputStream().flush();
    }

    /** Starts the shell, in a session of its own so that signals to ours do not reach it, and names it all groups. */
    private Process start() throws IOException {
        ProcessBuilder building = new ProcessBuilder(
                        setsid.orElseThrow(), "/bin/sh", "-c", SUPERVISOR, "mcp-mtls-groups")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        building.environment().keySet().retainAll(Set.of("PATH"));
        Process started = building.start();
        supervisor = started;
        StringBuilder known = new StringBuilder();
        groups.forEach(group -> known.append("add ").append(group).append('\n'));
        started.getOutputStream().write(known.toString().getBytes(StandardCharsets.US_ASCII));
        started.getOutputStream().flush();
        var unused = started.onExit().thenRun(this::restart);
        return started;
    }

    /** Replaces a shell that was ended: without one our servers might outlive us. */
    private synchronized void restart() {
        if (!closed && !groups.isEmpty()) {
            LOG.warn("the shell that ends servers with this process has ended; starting another");
            try {
                start();
            } catch (IOException e) {
                LOG.error("cannot start it: {}", e.getMessage());
            }
        }
    }

    /** Ends the shell, and with it the groups that are left. */
    @Override
    public synchronized void close() {
        closed = true;
        Process running = supervisor;
        if (running != null) {
            try {
                running.getOutputStream().close();
            } catch (IOException alreadyEnded) {
                LOG.debug("the shell has ended", alreadyEnded);
            }
        }
    }
}
