// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.authority.AuthorityException;
import dev.mcpmtls.bridge.client.ServerErrorException;
import dev.mcpmtls.bridge.hosts.HostConfigurationException;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.enrolment.EnrolmentException;
import dev.mcpmtls.enrolment.UnusableTokenException;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.policy.BadPolicyException;
import dev.mcpmtls.policy.Problem;
import dev.mcpmtls.protocol.pins.UnusableLockException;
import dev.mcpmtls.remedy.RemediedException;
import dev.mcpmtls.runtime.SetupException;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.tls.UnusableEngineException;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.server.http.CannotListenException;
import io.modelcontextprotocol.spec.McpError;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** The failure of a command. The message names the object, the cause and the remedy. */
public final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The JSON-RPC error with which our servers deny a call. */
    private static final int DENIED = 403;

    /** The JSON-RPC error with which our servers refuse one call too many. */
    private static final int TOO_MANY = 429;

    private static final int MAX_CAUSES = 32;

    private final ExitCode code;
    private final transient List<String> lines;

    /**
     * With lines of its own.
     *
     * @param lines the failure with its cause, then the remedy; at least one line
     */
    public Failure(ExitCode code, List<String> lines) {
        super(String.join("\n", lines));
        this.code = code;
        this.lines = List.copyOf(lines);
    }

    public Failure(ExitCode code, String message) {
        super(message);
        this.code = code;
        this.lines = List.of(message);
    }

    public Failure(ExitCode code, String message, Throwable cause) {
        this(code, List.of(message), cause);
    }

    public Failure(ExitCode code, List<String> lines, Throwable cause) {
        super(String.join("\n", lines), cause);
        this.code = code;
        this.lines = List.copyOf(lines);
    }

    /** Turns any exception into the failure that ends a command. A failure that a peer or a user can cause is never an internal error. */
    public static Failure of(Throwable thrown) {
        if (thrown instanceof Failure failure) {
            return failure;
        }
        if (thrown instanceof HostConfigurationException refused) {
            return new Failure(ExitCode.USAGE, said(refused).lines().toList());
        }
        Optional<Failure> known = ConnectionException.in(thrown)
                .map(failure -> new Failure(codeOf(failure), Clauses.of(said(failure)), thrown))
                .or(() -> in(thrown, EnrolmentException.class)
                        .map(failure -> new Failure(codeOf(failure), linesOf(failure), thrown)))
                .or(() -> in(thrown, Outage.class).map(outage -> ofOutage(outage, thrown)))
                .or(() -> in(thrown, ServerErrorException.class)
                        .map(error -> ofServer(error.code(), said(error), thrown)))
                .or(() -> in(thrown, McpError.class).map(error -> ofServer(codeOf(error), said(error), thrown)))
                .or(() -> in(thrown, TimeoutException.class)
                        .map(e -> new Failure(ExitCode.TIMED_OUT, said(thrown), thrown)))
                .or(() -> causes(thrown).filter(Failure::isTheUsers).findFirst().map(e -> ofUser(e, thrown)))
                .or(() -> in(thrown, IOException.class).map(e -> new Failure(ExitCode.USAGE, told(e), thrown)));
        return known.orElseGet(() -> new Failure(
                ExitCode.INTERNAL_ERROR,
                List.of(
                        "internal error: " + thrown,
                        "report it with this command, what it prints with -v, and 'mcp-mtls --version'")));
    }

    private static Failure ofUser(Throwable e, Throwable thrown) {
        List<String> lines = e instanceof BadPolicyException bad ? linesOf(bad.problems()) : linesOf(e);
        return new Failure(ExitCode.USAGE, lines, thrown);
    }

    /** One error as every other failure; several below their number, each with its remedy indented. */
    private static List<String> linesOf(List<Problem> problems) {
        Stream<String> lines =
                problems.stream().flatMap(problem -> problem.toString().lines());
        return problems.size() == 1
                ? lines.map(String::strip).toList()
                : Stream.concat(Stream.of("there are " + problems.size() + " mistakes"), lines)
                        .toList();
    }

    public ExitCode code() {
        return code;
    }

    /** The lines that are printed. */
    public List<String> lines() {
        return lines;
    }

    private static List<String> linesOf(Throwable thrown) {
        return thrown instanceof RemediedException failed
                ? Stream.concat(Stream.of(failed.problem()), failed.remedy().stream())
                        .toList()
                : Clauses.of(said(thrown));
    }

    private static boolean isTheUsers(Throwable thrown) {
        return thrown instanceof BadSettingException
                || thrown instanceof SetupException
                || thrown instanceof BadPolicyException
                || thrown instanceof UnusableCredentialException
                || thrown instanceof AuthorityException
                || thrown instanceof AuditUnavailableException
                || thrown instanceof CannotListenException
                || thrown instanceof UnusableEngineException
                || thrown instanceof InvalidPathException
                || thrown instanceof UnusableLockException
                || thrown instanceof UnusableTokenException
                || isRefusedText(thrown);
    }

    /** The parsers of the rooms below refuse a text in this way, with a message that names it; the text was typed by the user. */
    private static boolean isRefusedText(Throwable thrown) {
        StackTraceElement[] stack = thrown.getStackTrace();
        return thrown instanceof IllegalArgumentException
                && stack.length > 0
                && stack[0].getClassName().startsWith("dev.mcpmtls.")
                && !stack[0].getClassName().startsWith("dev.mcpmtls.cli.")
                && !stack[0].getClassName().startsWith("dev.mcpmtls.runtime.");
    }

    private static Failure ofOutage(Outage outage, Throwable thrown) {
        boolean isLate = outage.kind() == Outage.Kind.TIMED_OUT;
        return new Failure(
                codeOf(outage.kind()),
                Clauses.of(
                        said(outage) + (isLate ? "; check that it is an MCP server, or allow more (--timeout)" : "")),
                thrown);
    }

    private static ExitCode codeOf(Outage.Kind kind) {
        return switch (kind) {
            case PEER_REFUSED, REFUSED_BY_PEER, NO_TOKEN -> ExitCode.REFUSED;
            case TOOL_WITHHELD -> ExitCode.DENIED;
            case UNREACHABLE, MAY_HAVE_RUN -> ExitCode.UNREACHABLE;
            case NOT_REACHED, TIMED_OUT -> ExitCode.TIMED_OUT;
            case UNUSABLE_ANSWER -> ExitCode.FAILED;
        };
    }

    private static int codeOf(McpError error) {
        return error.getJsonRpcError() == null ? 0 : error.getJsonRpcError().code();
    }

    private static Failure ofServer(int code, String why, Throwable thrown) {
        return switch (code) {
            case TOO_MANY ->
                new Failure(
                        ExitCode.FAILED,
                        Clauses.of(why.startsWith("too many") ? why : "too many calls: " + why),
                        thrown);
            case DENIED -> new Failure(ExitCode.DENIED, why, thrown);
            default -> new Failure(ExitCode.FAILED, "the server answered with an error: " + why, thrown);
        };
    }

    /** Whether the server refused a call because there were too many before it. */
    public static boolean isTooMany(ServerErrorException error) {
        return error.code() == TOO_MANY;
    }

    private static ExitCode codeOf(EnrolmentException failure) {
        if (failure instanceof EnrolmentException.Unreachable || failure instanceof EnrolmentException.Undecided) {
            return ExitCode.UNREACHABLE;
        }
        if (failure instanceof EnrolmentException.NotTheAuthority) {
            return ExitCode.REFUSED;
        }
        if (failure instanceof EnrolmentException.NoRoom) {
            return ExitCode.USAGE;
        }
        return failure instanceof EnrolmentException.Refused ? ExitCode.DENIED : ExitCode.FAILED;
    }

    private static ExitCode codeOf(ConnectionException failure) {
        if (failure instanceof ConnectionException.Unreachable) {
            return ExitCode.UNREACHABLE;
        }
        if (failure instanceof ConnectionException.TimedOut) {
            return ExitCode.TIMED_OUT;
        }
        if (failure instanceof ConnectionException.ToolWithheld) {
            return ExitCode.DENIED;
        }
        return failure instanceof ConnectionException.UnusableAnswer ? ExitCode.FAILED : ExitCode.REFUSED;
    }

    /** A file's trouble, with its path. */
    private static String told(IOException e) {
        return e instanceof FileSystemException failure && failure.getFile() != null
                ? failure.getFile() + ": " + Failures.reason(e)
                : "cannot read or write: " + Failures.reason(e);
    }

    private static String said(Throwable thrown) {
        return String.valueOf(thrown.getMessage());
    }

    private static <T extends Throwable> Optional<T> in(Throwable thrown, Class<T> type) {
        return causes(thrown).filter(type::isInstance).map(type::cast).findFirst();
    }

    private static Stream<Throwable> causes(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
    }
}
