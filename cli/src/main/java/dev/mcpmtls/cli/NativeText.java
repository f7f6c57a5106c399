// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Text that Java decoded before this program ran: arguments, the working directory and variables. Java silently replaces characters that the
 * locale does not have, and a path would then lead elsewhere. The launcher chooses UTF-8; this is for where it cannot, and for programs
 * that start Java themselves.
 *
 * @param charset which Java decoded with, the property {@code sun.jnu.encoding}
 * @param directory the working directory
 */
record NativeText(String charset, String directory, Map<String, String> environment, List<String> arguments) {

    private static final char REPLACEMENT = '\uFFFD';

    /** The text of this process. */
    static NativeText ofProcess(Map<String, String> environment, String... arguments) {
        return new NativeText(
                System.getProperty("sun.jnu.encoding", "UTF-8"),
                System.getProperty("user.dir", ""),
                environment,
                List.of(arguments));
    }

    /** The reason why a text may differ from what the user wrote; empty when all of it can be used. */
    Optional<Failure> unreadable() {
        Stream<String> ours = environment.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith("MCP_MTLS_"))
                .map(variable -> variable.getKey() + "=" + variable.getValue());
        return Stream.of(arguments.stream(), Stream.of(directory), ours)
                .flatMap(texts -> texts)
                .filter(this::isDoubtful)
                .findFirst()
                .map(text -> new Failure(ExitCode.USAGE, explained(text)));
    }

    private List<String> explained(String text) {
        return isUtf8()
                ? List.of("cannot use '" + text + "': it is not UTF-8", "write it in UTF-8")
                : List.of(
                        "cannot use '" + text + "': the locale's character set is " + charset
                                + ", which may lack some of it",
                        "set LC_ALL to a locale with UTF-8, such as C.UTF-8");
    }

    /** In another character set than UTF-8 a question mark may stand for anything, and a letter beyond ASCII for half of one. */
    private boolean isDoubtful(String text) {
        return text.chars()
                .anyMatch(letter -> letter == REPLACEMENT || (!isUtf8() && (letter == '?' || letter > 0x7f)));
    }

    private boolean isUtf8() {
        return charset.equalsIgnoreCase("UTF-8");
    }
}
