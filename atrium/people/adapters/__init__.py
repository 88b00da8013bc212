"""Where allauth asks what we do: each adapter answers by calling our actions."""
