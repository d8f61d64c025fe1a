"""How does a pre-trained model learn a shop? Its judgments and clicks as pairs, losses over them, and what adapts."""
