// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Host and port of {@code mcp.mtls.server.listen}. */
record ListenAddress(String host, int port) {

    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:/@\\s\\[\\]]+)):(\\d{1,5})");

    static ListenAddress parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || Integer.parseInt(form.group(3)) > 65535) {
            throw new InvalidConfigurationPropertyValueException(
                    MtlsServerProperties.PREFIX + ".listen",
                    text,
                    "It is host:port, for example 127.0.0.1:8443 or [::1]:8443, with a port from 0 to 65535.");
        }
        return new ListenAddress(
                form.group(1) == null ? form.group(2) : form.group(1), Integer.parseInt(form.group(3)));
    }

    boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // the transport reports it
        }
    }
}
