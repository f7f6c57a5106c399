// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.login;

import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Shows a person the page where they log in. */
@FunctionalInterface
public interface Browser {

    /** Shows the page, without waiting for the person. The URL is https, or of a loopback address where that was allowed. */
    void open(URI page);

    /**
     * Opens the desktop's browser, and prints the URL too: there may be no desktop.
     *
     * @param printed receives a sentence with the URL
     */
    static Browser desktop(Consumer<String> printed) {
        return page -> {
            printed.accept("Open this page to log in: " + page.toASCIIString());
            try {
                new ProcessBuilder(command(page))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } catch (IOException e) {
                // The person opens the printed URL.
            }
        };
    }

    /** There is no person who could log in. */
    static Browser none() {
        return page -> {
            throw new NoTokenException(
                    Why.PERSON,
                    "the server wants the token of a person, and this program cannot show them a page to log in",
                    "set oauth.client-id and oauth.method, or log in once with a program that has a terminal");
        };
    }

    /** Prints the URL. */
    static Browser printed(Consumer<String> printed) {
        return page -> printed.accept("Open this page to log in: " + page.toASCIIString());
    }

    /** No shell is involved, so no character of the URL means anything. */
    private static List<String> command(URI page) {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (system.contains("win")) {
            return List.of("rundll32", "url.dll,FileProtocolHandler", page.toASCIIString());
        }
        return List.of(system.contains("mac") ? "open" : "xdg-open", page.toASCIIString());
    }
}
