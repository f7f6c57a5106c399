// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.process.ProcessGroups.Signal;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.transport.server.caller.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that is a process of ours: one message a line over its standard input and output, its standard error in our log. It is
 * stopped as the specification says: its input ends, then SIGTERM, then SIGKILL, the last two for its whole group.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports">stdio, 2025-11-25</a>
 */
public final class ServerProcess implements Channel {

    private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);

    private static final long MAX_QUEUED_BYTES = 32L * 1024 * 1024;
    private static final int MAX_LOG_LINE = 2_000;
    private static final long TO_EXIT_SECONDS = 2;
    private static final long TO_TERMINATE_SECONDS = 3;
    private static final long TO_DRAIN_SECONDS = 1;

    private final String name;
    private final Receiver receiver;
    private final ProcessGroups groups;
    private final Process process;
    private final Deque<byte[]> unsent = new ArrayDeque<>();
    private long unsentBytes;
    private boolean closed; // by us
    private boolean closing;
    private boolean over;
    private @Nullable String fault;

    private ServerProcess(String name, Process process, ProcessGroups groups, Receiver receiver) {
        this.name = name;
        this.process = process;
        this.groups = groups;
        this.receiver = receiver;
    }

    /**
     * Starts a server. Blocks for as long as the system takes to make a process.
     *
     * @param name of the entry, for the log and for messages
     * @throws UpstreamFailure when the system cannot start it
     */
    public static ServerProcess start(String name, ServerCommand command, ProcessGroups groups, Receiver receiver) {
        ProcessBuilder building = new ProcessBuilder(groups.wrapped(command.words()));
        building.environment().clear();
        building.environment().putAll(command.environment(System::getenv));
        command.cwd().ifPresent(directory -> building.directory(directory.toFile()));
        try {
            Process process = building.start();
            ServerProcess server = new ServerProcess(name, process, groups, receiver);
            groups.add(process);
            LOG.info("started the server {}, process {}", name, process.pid());
            try {
                server.begin();
            } catch (Error noThread) {
                process.destroyForcibly();
                throw noThread;
            }
            return server;
        } catch (IOException e) {
            LOG.error("cannot start the server {}: {}", name, e.getMessage());
            throw UpstreamFailure.unavailable("the server " + name + " cannot be started; the gateway's log says why");
        }
    }

    private void begin() {
        queue("go\n".getBytes(StandardCharsets.US_ASCII));
        thread("in", this::write);
        thread("out", this::read);
        thread("err", this::log);
        var unused = process.onExit()
                .thenRun(() -> groups.ended(process))
                .thenRunAsync(this::over, CompletableFuture.delayedExecutor(TO_DRAIN_SECONDS, TimeUnit.SECONDS));
    }

    private void thread(String stream, Runnable work) {
        Thread thread = new Thread(work, "server-" + name + '-' + process.pid() + '-' + stream);
        thread.setDaemon(true);
        thread.start();
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void send(JsonRpcMessage message, Caller caller) {
        queue((Messages.text(message) + '\n').getBytes(StandardCharsets.UTF_8));
    }

    private synchronized void queue(byte[] line) {
        if (closing || over) {
            throw UpstreamFailure.of("the server " + name + " has ended");
        }
        if (unsentBytes > 0 && unsentBytes + line.length > MAX_QUEUED_BYTES) {
            throw UpstreamFailure.unavailable("the server " + name + " does not read its messages; try again later");
        }
        unsent.add(line);
        unsentBytes += line.length;
        notifyAll();
    }

    private void write() {
        try (OutputStream in = process.getOutputStream()) {
            for (byte[] line = next(); line != null; line = next()) {
                in.write(line);
                in.flush();
                written(line.length);
            }
        } catch (IOException gone) {
            LOG.debug("the server {} reads no more", name, gone);
        }
    }

    private synchronized void written(int bytes) {
        unsentBytes -= bytes;
    }

    /** The next line to send; null when there will be none. */
    private synchronized byte @Nullable [] next() {
        try {
            while (unsent.isEmpty() && !closing && !over) {
                wait();
            }
        } catch (InterruptedException e) {
            return null;
        }
        return unsent.poll();
    }

    private void read() {
        try (InputStream out = process.getInputStream()) {
            Lines lines = new Lines(out, Messages.MAX_BYTES);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                received(line);
            }
        } catch (Lines.TooLongException e) {
            fail("it sent a message of more than " + Messages.MAX_BYTES + " bytes");
        } catch (IOException e) {
            LOG.debug("the server {} says no more", name, e);
        }
        stop();
        try {
            process.onExit().get(TO_EXIT_SECONDS + TO_TERMINATE_SECONDS + 1, TimeUnit.SECONDS);
        } catch (Exception stillThere) {
            LOG.debug("the server {} is still being stopped", name, stillThere);
        }
        over();
    }

    private void received(byte[] line) {
        JsonRpcMessage message;
        try {
            String text = dev.mcpmtls.protocol.Json.text(line);
            if (text.isBlank()) {
                return;
            }
            message = Messages.read(text);
        } catch (InvalidMessageException e) {
            LOG.warn("the server {} wrote a line that is no message, which is dropped: {}", name, e.message());
            return;
        }
        try {
            receiver.received(message, null);
        } catch (RuntimeException e) {
            LOG.error("a message of the server {} could not be handled", name, e);
        }
    }

    private synchronized void fail(String why) {
        fault = why;
    }

    private void log() {
        try (InputStream err = process.getErrorStream()) {
            Lines lines = new Lines(err, MAX_LOG_LINE).cutting();
            LogRate rate = new LogRate(name);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (rate.allows()) {
                    LOG.info("{}: {}", name, Printable.clean(new String(line, StandardCharsets.UTF_8)));
                }
            }
        } catch (IOException e) {
            LOG.debug("the server {} logs no more", name, e);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        stop();
    }

    /** Whether it has been told to exit, or its output has ended. */
    synchronized boolean isStopping() {
        return closing;
    }

    private void stop() {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
            notifyAll();
        }
        later(TO_EXIT_SECONDS, () -> stop(Signal.TERM));
        later(TO_EXIT_SECONDS + TO_TERMINATE_SECONDS, () -> stop(Signal.KILL));
    }

    private static void later(long seconds, Runnable action) {
        CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS).execute(action);
    }

    private void stop(Signal signal) {
        if (process.isAlive()) {
            LOG.info("the server {}, process {}, does not exit: it gets SIG{}", name, process.pid(), signal);
            groups.signal(process, signal);
        }
    }

    private void over() {
        String why;
        boolean asked;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            asked = closed;
            closing = true;
            notifyAll();
            why = fault == null ? exit() : fault;
        }
        closeStreams();
        LOG.info("the server {}, process {}, ended: {}", name, process.pid(), why);
        receiver.ended(
                UpstreamFailure.of("the server " + name + " ended (" + why + "); its output is in the gateway's log"),
                asked);
    }

    private String exit() {
        return process.isAlive() ? "it closed its output" : "exit code " + process.exitValue();
    }

    /** A process that escaped the group may hold the other ends open. */
    private void closeStreams() {
        for (AutoCloseable stream : new AutoCloseable[] {process.getInputStream(), process.getErrorStream()}) {
            try {
                stream.close();
            } catch (Exception closed) {
                LOG.debug("a stream of the server {} was closed", name, closed);
            }
        }
    }
}
