// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.client.CallCommand;
import dev.mcpmtls.cli.client.ConnectCommand;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.SettingFlags;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.tls.WarmUp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Recognises the plainest command lines of {@code serve}, {@code connect} and {@code call} without picocli. Java keeps picocli's classes in no cache, and
 * loading them takes longer than everything else that these commands do before they connect. All other command lines, mistakes and calls
 * for help included, are left to picocli; a recognised line means the same there.
 */
final class PlainCommandLine {

    private final Invocation invocation;
    private final Map<String, Key<?>> settings = new HashMap<>();
    private final List<Runnable> options = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final List<String> words = new ArrayList<>();

    private PlainCommandLine(Invocation invocation) {
        this.invocation = invocation;
        Keys.all().forEach(key -> SettingFlags.of(key).forEach(flag -> settings.put(flag, key)));
    }

    /** The command; empty when it takes picocli to read these words. Nothing has changed then. */
    static Optional<Runnable> of(Invocation invocation, String... arguments) {
        if (arguments.length < 2 || !Set.of("serve", "connect", "call").contains(arguments[0])) {
            return Optional.empty();
        }
        if (!arguments[0].equals("serve")) { // which uses another engine
            WarmUp.start();
        }
        PlainCommandLine line = new PlainCommandLine(invocation);
        return line.reads(arguments) ? line.command(arguments[0]) : Optional.empty();
    }

    private boolean reads(String... arguments) {
        for (int at = 1; at < arguments.length; at++) {
            String word = arguments[at];
            if (word.isEmpty() || word.startsWith("@")) {
                return false;
            }
            if (!word.startsWith("-")) {
                words.add(word);
            } else if (at + 1 == arguments.length || !takes(word, arguments[++at])) {
                return false;
            }
        }
        return true;
    }

    private boolean takes(String option, String value) {
        boolean isPlain = !value.isEmpty() && !value.startsWith("-") && !value.startsWith("@") && seen.add(option);
        Key<?> key = settings.get(option);
        if (!isPlain) {
            return false;
        }
        if (option.equals("--credential")) {
            options.add(() -> invocation.credential(value));
        } else if (option.equals("--config")) {
            options.add(() -> invocation.configuration(Path.of(value)));
        } else if (key != null) {
            options.add(() -> invocation.flag(key, option, value));
        } else {
            return false;
        }
        return true;
    }

    private Optional<Runnable> command(String name) {
        boolean fits = switch (name) {
            case "serve" -> !words.isEmpty();
            case "connect" -> words.size() == 1;
            default -> words.size() > 1;
        };
        return Optional.<Runnable>of(() -> {
                    options.forEach(Runnable::run);
                    made(name).run();
                })
                .filter(command -> fits);
    }

    private Runnable made(String name) {
        return switch (name) {
            case "serve" -> new ServeCommand(invocation, words);
            case "connect" -> new ConnectCommand(invocation, words.get(0));
            default -> new CallCommand(invocation, words.get(0), words.get(1), words.subList(2, words.size()));
        };
    }
}
