// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Logs to standard error: warnings, and with {@code -v} more. In code, because reading an XML file costs start-up time. */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {

    // The SDK warns of what its transport negotiates, Netty of every client that leaves amid a request, as often as one
    // likes to.
    private static final List<String> OF_COURSE =
            List.of("io.modelcontextprotocol", "io.netty.channel.DefaultChannelPipeline");
    // Vert.x logs as an error whatever a peer says instead of HTTP/2, as often as the peer likes to.
    // Reactor logs, with a stack trace, failures that come after a time-out has ended the command.
    private static final List<String> OTHERS =
            List.of("io.vertx.core.net.impl.ConnectionBase", "reactor.core.publisher.Operators");
    // The loggers of changes to the files of a running process, and of starts, ends and words of servers behind the
    // gateway.
    private static final List<String> NEWS = List.of(
            "dev.mcpmtls.tls.reload.CredentialFiles",
            "dev.mcpmtls.tls.reload.TrustFiles",
            "dev.mcpmtls.policy.RulesReload",
            "dev.mcpmtls.gateway.process.ServerProcess");
    private static final Level[] OURS = {Level.WARN, Level.INFO, Level.DEBUG};

    /** For the service loader. */
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext logback) {
        LogLine layout = new LogLine();
        layout.setContext(logback);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(logback);
        encoder.setLayout(layout);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(logback);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = logback.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        logback.addTurboFilter(new NoDescriptors());
        NEWS.forEach(name -> logback.getLogger(name).setLevel(Level.INFO));
        OF_COURSE.forEach(name -> logback.getLogger(name).setLevel(Level.ERROR));
        OTHERS.forEach(name -> logback.getLogger(name).setLevel(Level.OFF));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Logs warnings (0), what we do (1), or everything of ours and what the libraries do (2). */
    public static void level(int verbosity) {
        int level = Math.min(verbosity, OURS.length - 1);
        logger("dev.mcpmtls").setLevel(OURS[level]);
        NEWS.forEach(name -> logger(name).setLevel(OURS[Math.max(level, 1)]));
        logger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level > 1 ? Level.INFO : Level.WARN);
        OF_COURSE.forEach(name -> logger(name).setLevel(level > 1 ? Level.INFO : Level.ERROR));
        OTHERS.forEach(name -> logger(name).setLevel(level > 1 ? Level.INFO : Level.OFF));
    }

    /** Does not log objections to our own credential, for a command whose failure tells them; with {@code -v} they are logged too. */
    public static void leaveOutObjections() {
        if (logger("dev.mcpmtls").getLevel() == null || logger("dev.mcpmtls").getLevel() == Level.WARN) {
            logger("dev.mcpmtls.tls.TlsProfile").setLevel(Level.ERROR);
        }
    }

    /** Logs nothing, for a command that tells everything itself. */
    public static void silence() {
        logger("dev.mcpmtls").setLevel(Level.OFF);
        NEWS.forEach(name -> logger(name).setLevel(Level.OFF));
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
