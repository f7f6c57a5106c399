// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The proxy that the environment names, in the variables that curl and others read. */
final class Proxies {

    private Proxies() {}

    /** The proxy that other clients would use for this host. */
    static Optional<String> configured(Map<String, String> environment, String host) {
        String exempt = environment.getOrDefault("no_proxy", environment.getOrDefault("NO_PROXY", ""));
        boolean isExempt = Arrays.stream(exempt.split(","))
                .map(String::trim)
                .anyMatch(entry -> entry.equals("*")
                        || (!entry.isEmpty()
                                && (host.equals(entry) || host.endsWith("." + entry.replaceFirst("^\\.", "")))));
        return Stream.of("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
                .map(variable -> environment.getOrDefault(variable, ""))
                .filter(proxy -> !proxy.isEmpty() && !isExempt)
                .map(proxy -> proxy.replaceFirst("//[^@/]*@", "//"))
                .findFirst();
    }
}
