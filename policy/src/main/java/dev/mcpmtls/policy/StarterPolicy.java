// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The rules to begin with, with comments for a newcomer: every agent of our own trust domain may do everything. */
public final class StarterPolicy {

    private StarterPolicy() {}

    /**
     * The text of the file.
     *
     * @param trustDomain ours, for example {@code demo.local}
     */
    public static String text(String trustDomain) {
        try (InputStream in = StarterPolicy.class.getResourceAsStream("starter.yaml")) {
            if (in == null) {
                throw new IllegalStateException("starter.yaml is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("TRUST-DOMAIN", trustDomain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
