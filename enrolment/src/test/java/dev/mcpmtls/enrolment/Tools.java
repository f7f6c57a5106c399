// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Other people's programs: curl and openssl. */
final class Tools {

    private Tools() {}

    /** Everything that a program printed; fails when it takes longer than 20 seconds. */
    static byte[] run(Path directory, byte[] input, String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().write(input);
        process.getOutputStream().close();
        byte[] out = process.getInputStream().readAllBytes();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("no end: " + String.join(" ", words));
        }
        return out;
    }

    static String text(byte[] out) {
        return new String(out, StandardCharsets.UTF_8);
    }

    /** The head and body that curl gets. */
    static String curl(RunningAuthority authority, Path directory, String path, String... options)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "curl",
                "-s",
                "-i",
                "--max-time",
                "15",
                "--cacert",
                authority.anchors().toString()));
        words.addAll(List.of(options));
        words.add(authority.uri() + path);
        return text(run(directory, new byte[0], words.toArray(String[]::new)));
    }

    static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
}
