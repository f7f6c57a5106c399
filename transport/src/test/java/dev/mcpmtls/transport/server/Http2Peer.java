// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client that speaks HTTP/2 frame by frame (RFC 9113), with a good certificate. */
final class Http2Peer implements AutoCloseable {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    interface Attack {
        void send(int stream) throws IOException;
    }

    /** A frame without its payload. */
    record Frame(int type, int flags, int stream) {}

    private final SSLSocket socket;
    private final OutputStream out;
    private final DataInputStream in;

    /** Connects as mallory with the standard settings. */
    Http2Peer(Station station) throws IOException {
        this(station, new byte[0]);
    }

    /** Connects as mallory with these settings, as they go into the frame. */
    Http2Peer(Station station, byte[] settings) throws IOException {
        socket = (SSLSocket) Station.context("mallory").getSocketFactory().createSocket("127.0.0.1", station.port());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0, settings);
    }

    void send(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(payload.length >> 16);
        frame.write(payload.length >> 8);
        frame.write(payload.length);
        frame.write(type);
        frame.write(flags);
        frame.write(stream >> 24);
        frame.write(stream >> 16);
        frame.write(stream >> 8);
        frame.write(stream);
        frame.writeBytes(payload);
        out.write(frame.toByteArray());
        out.flush();
    }

    /** A GET without a session, whose answer says so in a few bytes. */
    void ask(int stream) throws IOException {
        send(HEADERS, END_HEADERS | END_STREAM, stream, to("GET", "accept", "text/event-stream"));
    }

    /** A resource that does not exist, which the handler finds out. */
    void askForNothing(int stream) throws IOException {
        byte[] head = to(
                "POST",
                "content-type",
                "application/json",
                "accept",
                "application/json, text/event-stream",
                "mcp-protocol-version",
                "2026-07-28",
                "mcp-method",
                "resources/read",
                "mcp-name",
                "note:none");
        send(HEADERS, END_HEADERS, stream, head);
        String body = """
                {"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"note:none",%s}}""".formatted(Agent.META);
        send(DATA, END_STREAM, stream, body.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] to(String method, String... more) {
        byte[] first = headers(":method", method, ":scheme", "https", ":path", "/mcp", ":authority", "localhost");
        return ByteBuffer.allocate(first.length + headers(more).length)
                .put(first)
                .put(headers(more))
                .array();
    }

    /** The body of the answer; empty when the stream or the connection was reset instead. */
    String answerTo(int wanted) {
        StringBuilder body = new StringBuilder();
        try {
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                String payload = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                if (type == GOAWAY || (type == RST_STREAM && stream == wanted)) {
                    return "";
                }
                if (type == DATA && stream == wanted) {
                    body.append(payload);
                }
                if (stream == wanted && (flags & END_STREAM) != 0) {
                    return body.toString();
                }
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("neither an answer nor an end", e);
        } catch (IOException end) {
            return body.toString();
        }
    }

    /** The error code of the GOAWAY that comes, whatever comes before it. */
    int goodbye() throws IOException {
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.readNBytes(5);
            byte[] payload = in.readNBytes(length);
            if (type == GOAWAY) {
                return ByteBuffer.wrap(payload).getInt(4);
            }
        }
    }

    /** The next frame on any stream but the connection's own. */
    Frame next() throws IOException {
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            Frame frame = new Frame(in.readUnsignedByte(), in.readUnsignedByte(), in.readInt());
            in.readNBytes(length);
            if (frame.stream() != 0) {
                return frame;
            }
        }
    }

    /** Whether the server ends the connection before the attack has been repeated twenty thousand times. */
    boolean isEndedDuring(Attack attack) throws IOException {
        try {
            for (int i = 0; i < 20_000; i++) {
                attack.send(2 * i + 1);
            }
            socket.setSoTimeout(2_000);
            while (in.read() >= 0) {}
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException ended) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** A literal that no table remembers (RFC 7541, section 6.2.2). */
    static byte[] header(String name, String value) {
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        field.write(0);
        for (String text : new String[] {name, value}) {
            field.write(text.length());
            field.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        return field.toByteArray();
    }

    /** A block of fields: names and values in turn. */
    static byte[] headers(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.writeBytes(header(namesAndValues[i], namesAndValues[i + 1]));
        }
        return block.toByteArray();
    }
}
